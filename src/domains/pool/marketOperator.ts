import { parseEventLogs, type TransactionReceipt } from "viem";
import { publishDirectoryCall } from "#domains/metering/areaRegistry.ts";
import type { ReadingsUnderRoot } from "#domains/metering/meterGateway.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { type ClearingPlan, planClearing, type Submission } from "#domains/pool/rules/clearingPlan.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { poolSeparator } from "#domains/pool/rules/signedOrder.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { DomainError, sentenceOf } from "#kernel/units/domainError.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { ContractRefusalError } from "#platform/chain/contractRefusal.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { fitsOneTransaction } from "#platform/chain/packCalls.ts";
import { OutOfGasError, type Sender } from "#platform/chain/sender.ts";
import type { Spent } from "#platform/runtime/duty.ts";
import { poolMarketContract } from "./contracts.generated.ts";
import { membersShortOfMargin } from "./marginCover.ts";
import { transactionsOf } from "./marketTransactions.ts";
import type { Attempt, MarketView } from "./marketView.ts";
import { type MemberRefusal, memberRefusalOf } from "./memberRefusal.ts";
import type { OpenOrder } from "./orderDesk.ts";
import { abandonCalls, clearingCalls, inOneTransaction, returnCalls, settlementCalls } from "./poolMarket.ts";
import type { TermsSchedule } from "./termsSchedule.ts";

/** An order that the chain does not take: what it said, and of whom. */
export type DroppedOrder = { readonly order: OpenOrder; readonly refusal: string };

/** A clearing that the contract verified. `isSupplied` is false where no supplier stands for the interval's surpluses. */
export type SubmittedClearing = Spent & {
  readonly plan: ClearingPlan;
  readonly dropped: readonly DroppedOrder[];
  readonly isSupplied: boolean;
};

/** What a clearing came to, by which pricing, and how far its interval is. */
export type HeldClearing = Attempt & {
  readonly stage: Stage;
  readonly positions: readonly MemberPosition[];
  readonly pricing: Pricing;
};

/** A clearing, and the readings under the root that is published. */
export type ClearingWithReadings = HeldClearing & {
  readonly published: Pick<ReadingsUnderRoot, "tree" | "context">;
};

/** A book to be cleared. */
export type BookToClear = { readonly intervalId: IntervalId; readonly book: readonly OpenOrder[] };

/** Clears the books of one area on the chain and settles its intervals. */
export type MarketOperator = {
  /**
   * Clears a book, without the members whose orders the chain does not take. Where some steps are in already, the clearing
   * is abandoned for that, given back, and begun anew.
   *
   * @throws ClearingInterruptedError when some steps are in and another was not taken, but for no member's sake
   */
  clear(intervalId: IntervalId, book: readonly OpenOrder[]): Promise<SubmittedClearing>;
  /**
   * Submits the steps that are missing of a clearing that was interrupted between them. The book comes from the archive.
   *
   * @throws ClearingInterruptedError when the archived book has no such step, or the chain does not take it
   */
  goOn(intervalId: IntervalId): Promise<SubmittedClearing>;
  /** Settles the pages that are not settled yet. */
  settle(clearing: ClearingWithReadings): Promise<Spent>;
  /** The same, with the clearing of a book in one transaction; `plan` is null where the book is left to be cleared. */
  settleAndClear(
    clearing: ClearingWithReadings,
    next: BookToClear,
  ): Promise<Spent & { readonly plan: ClearingPlan | null }>;
  /** Gives back what was reserved for an interval whose readings are not waited for any longer. */
  returnUnread(clearing: HeldClearing): Promise<Spent>;
  /** Publishes the directories of signers that are out of date: it makes clearings cheaper. */
  renewDirectories(): Promise<Spent>;
  /** The clearing that the archived orders of an interval make by these terms. */
  planOf(intervalId: IntervalId, terms: Pick<AreaTerms, "pricing">): ClearingPlan;
  /** Abandons an unfinished clearing, and gives back what is reserved for it and those before it. */
  giveBack(intervalId: IntervalId): Promise<Spent>;
};

export type MarketOperatorOptions = {
  sender: Sender;
  deployment: Deployment;
  market: MarketView;
  areaId: number;
  terms: Pick<TermsSchedule, "of">;
  /** Which orders go to the chain. */
  submit?: Submission;
  /** Orders of a transaction; what fits into one where it is not given. */
  maxStepOrders?: number;
  /**
   * Makes known which orders the chain refused before the rest is submitted, so that the book under the root is always
   * what was kept as accepted.
   */
  keepDropped: (dropped: readonly DroppedOrder[]) => Promise<void>;
  /** The orders of an interval that were accepted and not dropped, from the archive. */
  standingOrders: (intervalId: IntervalId) => readonly OpenOrder[];
};

type Operator = MarketOperatorOptions & {
  readonly planOf: (
    intervalId: IntervalId,
    orders: readonly OpenOrder[],
    terms: Pick<AreaTerms, "pricing">,
  ) => ClearingPlan;
};

/** The operator of one area. */
export function createMarketOperator(options: MarketOperatorOptions): MarketOperator {
  const operator: Operator = { ...options, planOf: planner(options) };
  const { sender, deployment, market, areaId, terms, standingOrders } = options;
  return {
    clear: (intervalId, book) => clearFrom(operator, { intervalId, book, step: 0 }),
    async goOn(intervalId) {
      const { attempt } = await market.intervalOf(intervalId);
      const step = await market.stepsOf({ intervalId, attempt });
      const book = standingOrders(intervalId);
      const plan = operator.planOf(intervalId, book, terms.of(intervalId));
      if (step >= plan.steps.length)
        throw interruptionOf(plan, step, "the archived orders make no such step");
      return clearFrom(operator, { intervalId, book, step });
    },
    planOf: (intervalId, by) => operator.planOf(intervalId, standingOrders(intervalId), by),
    settle: (clearing) => settle(operator, clearing),
    settleAndClear: (clearing, next) => settleAndClear(operator, clearing, next),
    async returnUnread(clearing) {
      const closedPages = await closedPagesOf(operator, clearing);
      return sendTogether(operator, returnCalls(deployment, { areaId, ...clearing, closedPages }));
    },
    giveBack: (intervalId) => giveBack(operator, intervalId),
    async renewDirectories() {
      const stale = await market.staleDirectories();
      const calls = stale.map((directory) => publishDirectoryCall(deployment, { areaId, directory }));
      return spentOn(await sender.sendAll(calls));
    },
  };
}

function planner({
  deployment,
  areaId,
  submit = "needed",
  maxStepOrders,
}: MarketOperatorOptions): Operator["planOf"] {
  const separator = poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket"));
  const bound = maxStepOrders === undefined ? {} : { maxStepOrders };
  return (intervalId, orders, { pricing }) =>
    planClearing({ orders, pricing, separator, areaId, intervalId, submit, ...bound });
}

// -- clearing

/** Clears a book from a step on; from the first again without those whom the chain refuses, until nobody is. */
async function clearFrom(
  operator: Operator,
  { intervalId, book, step }: BookToClear & { readonly step: number },
): Promise<SubmittedClearing> {
  const { keepDropped, terms } = operator;
  const dropped: DroppedOrder[] = [];
  const receipts: TransactionReceipt[] = [];
  let [rest, first] = [book, step];
  for (;;) {
    const plan = operator.planOf(intervalId, rest, terms.of(intervalId));
    const submitted = await submitFrom(operator, plan, first);
    receipts.push(...submitted.receipts);
    const { refused } = submitted;
    if (refused === null) return { plan, dropped, isSupplied: isSupplied(receipts), ...spentOn(receipts) };
    const taken = first + submitted.receipts.length;
    if (taken > 0) receipts.push(await abandon(operator, plan, taken));
    const drops = rest
      .filter(({ participant }) => refused.members.has(participant))
      .map((order) => ({ order, refusal: refused.refusal }));
    await keepDropped(drops);
    dropped.push(...drops);
    const gone = new Set(drops.map(({ order }) => order));
    [rest, first] = [rest.filter((order) => !gone.has(order)), 0];
  }
}

type Submitted = {
  readonly receipts: readonly TransactionReceipt[];
  readonly refused: MemberRefusal | null;
};

/** Submits the steps of a plan from `first` on, until one is refused for the sake of members who have an order in it. */
async function submitFrom(operator: Operator, plan: ClearingPlan, first: number): Promise<Submitted> {
  const { sender, deployment } = operator;
  const receipts: TransactionReceipt[] = [];
  const uncovered = first === 0 ? await findUncovered(operator, plan) : null;
  if (uncovered) return { receipts, refused: uncovered };
  for (const [step, call] of clearingCalls(deployment, plan).entries()) {
    if (step < first) continue;
    try {
      receipts.push(await sender.send(call));
    } catch (cause) {
      const refused = memberRefusalOf(cause);
      if (refused && hasOrdersOf(plan, refused)) return { receipts, refused };
      throw step === 0 ? cause : interruptionOf(plan, step, cause);
    }
  }
  return { receipts, refused: null };
}

function hasOrdersOf({ steps }: ClearingPlan, { members }: MemberRefusal): boolean {
  return steps.some(({ bids, offers }) =>
    [...bids, ...offers].some(({ participant }) => members.has(participant)),
  );
}

/** Whose margin does not cover all steps of a plan: known before the first is in. Of a single step the contract says so. */
async function findUncovered({ market, terms }: Operator, plan: ClearingPlan): Promise<MemberRefusal | null> {
  if (plan.steps.length === 1) return null;
  const members = await membersShortOfMargin(plan, terms.of(plan.outcome.intervalId), market);
  return members.size === 0 ? null : { refusal: "MarginsFallShort", members };
}

/** Gives up a clearing of which `taken` steps are in, and gives back what it reserved, in one transaction. */
async function abandon(
  { sender, deployment, market, areaId }: Operator,
  plan: ClearingPlan,
  taken: number,
): Promise<TransactionReceipt> {
  const { intervalId } = plan.outcome;
  const { attempt } = await market.intervalOf(intervalId);
  const held = { areaId, intervalId, attempt, ...heldAfter(plan, taken) };
  const calls = abandonCalls(deployment, held);
  return sender.send(inOneTransaction(deployment, calls));
}

/** What the first `taken` steps of a plan reserved for. */
function heldAfter(plan: ClearingPlan, taken: number) {
  const next = plan.steps[taken];
  if (!next) throw interruptionOf(plan, taken, "the archived orders make no such step");
  return { positions: next.before, pricing: plan.clearing.pricing };
}

function isSupplied(receipts: readonly TransactionReceipt[]): boolean {
  const logs = receipts.flatMap((receipt) => receipt.logs);
  const unsupplied = parseEventLogs({ abi, logs, eventName: "IntervalUnsupplied" });
  const [cleared] = parseEventLogs({ abi, logs, eventName: "IntervalCleared" });
  return !unsupplied.some(({ args }) => args.attempt === cleared?.args.attempt);
}

const { abi } = poolMarketContract;

// -- settlement and return

async function settle(operator: Operator, clearing: ClearingWithReadings): Promise<Spent> {
  return sendTogether(operator, await settlementOf(operator, clearing));
}

async function settlementOf(operator: Operator, { published, ...clearing }: ClearingWithReadings) {
  const { deployment, areaId } = operator;
  const closedPages = await closedPagesOf(operator, clearing);
  return settlementCalls(deployment, { areaId, ...clearing, ...published, closedPages });
}

/** The chain is asked where a page is closed already. */
async function closedPagesOf({ market }: Operator, { stage, ...attempt }: HeldClearing) {
  return stage === "settling" || stage === "returning" ? market.closedPagesOf(attempt) : NO_PAGES;
}

const NO_PAGES: ReadonlySet<number> = new Set();

/** What is refused together is settled alone, so that an order which the chain does not take holds up no payment. */
async function settleAndClear(
  operator: Operator,
  clearing: ClearingWithReadings,
  { intervalId, book }: BookToClear,
): Promise<Spent & { readonly plan: ClearingPlan | null }> {
  const { sender, deployment, terms } = operator;
  const settlement = await settlementOf(operator, clearing);
  const plan = operator.planOf(intervalId, book, terms.of(intervalId));
  const calls = [...settlement, ...clearingCalls(deployment, plan)];
  const isOne = plan.steps.length === 1 && settlement.length > 0 && fitsOneTransaction(calls);
  if (isOne) {
    try {
      return { plan, ...spentOn([await sender.send(inOneTransaction(deployment, calls))]) };
    } catch (error) {
      if (!(error instanceof ContractRefusalError || error instanceof OutOfGasError)) throw error;
    }
  }
  return { plan: null, ...(await sendTogether(operator, settlement)) };
}

async function giveBack(operator: Operator, intervalId: IntervalId): Promise<Spent> {
  const { market, terms, standingOrders } = operator;
  const { stage, attempt } = await market.intervalOf(intervalId);
  const receipts: TransactionReceipt[] = [];
  const plan = operator.planOf(intervalId, standingOrders(intervalId), terms.of(intervalId));
  for (let earlier = 0; earlier < attempt; earlier += 1)
    receipts.push(...(await returnAbandoned(operator, plan, earlier)));
  const steps = stage === "clearing" ? await market.stepsOf({ intervalId, attempt }) : 0;
  if (stage === "clearing") receipts.push(await abandon(operator, plan, steps));
  return spentOn(receipts);
}

/** Who abandons a clearing may leave what it reserved in escrow. */
async function returnAbandoned(
  { sender, deployment, market, areaId }: Operator,
  plan: ClearingPlan,
  attempt: number,
): Promise<readonly TransactionReceipt[]> {
  const { intervalId } = plan.outcome;
  if ((await market.abandonedPagesOf({ intervalId, attempt })) === 0) return [];
  const taken = await market.stepsOf({ intervalId, attempt });
  const closedPages = await market.closedPagesOf({ intervalId, attempt });
  const held = { areaId, intervalId, attempt, ...heldAfter(plan, taken), closedPages };
  return sender.sendAll(transactionsOf(deployment, returnCalls(deployment, held)));
}

async function sendTogether({ sender, deployment }: Operator, calls: Parameters<typeof transactionsOf>[1]) {
  return spentOn(await sender.sendAll(transactionsOf(deployment, calls)));
}

function spentOn(receipts: readonly { gasUsed: bigint }[]): Spent {
  const gasUsed = receipts.reduce((sum, receipt) => sum + receipt.gasUsed, 0n);
  return { gasUsed, transactions: receipts.length };
}

function interruptionOf({ outcome, steps }: ClearingPlan, step: number, cause: unknown) {
  return new ClearingInterruptedError({ intervalId: outcome.intervalId, step, steps: steps.length, cause });
}

/** Some steps of a clearing are in, and the next was not taken. What they reserved is given back when delivery begins. */
export class ClearingInterruptedError extends DomainError {
  readonly code = "clearingInterrupted";

  constructor({
    intervalId,
    step,
    steps,
    cause,
  }: { intervalId: IntervalId; step: number; steps: number; cause: unknown }) {
    const why = sentenceOf(cause);
    super(`the clearing of interval ${intervalId} stopped after ${step} of ${steps} steps: ${why}`, {
      cause,
    });
  }
}
