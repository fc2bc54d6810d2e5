import type { ReadingsUnderRoot } from "#domains/metering/meterGateway.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { type ClearingPlan, planClearing, type Submission } from "#domains/pool/rules/clearingPlan.ts";
import type { AccountPosition } from "#domains/pool/rules/positionWord.ts";
import { poolSeparator } from "#domains/pool/rules/signedOrder.ts";
import { isPaid } from "#domains/pool/rules/stage.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { ContractRefusalError } from "#platform/chain/contractRefusal.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Sender } from "#platform/chain/sender.ts";
import type { Spent } from "#platform/runtime/duty.ts";
import { accountsShortOfMargin, SupplierMarginError } from "./marginCover.ts";
import type { MarketView } from "./marketView.ts";
import type { OpenOrder } from "./orderDesk.ts";
import { clearingCalls, settlementCalls, voidCalls } from "./poolMarket.ts";

/** An order that the chain does not take: what it said, and of whom. */
export type DroppedOrder = { readonly order: OpenOrder; readonly refusal: string };

/** A clearing that the contract verified. */
export type SubmittedClearing = {
  readonly plan: ClearingPlan;
  readonly dropped: readonly DroppedOrder[];
  readonly gasUsed: bigint;
  readonly transactions: number;
};

/** Clears the books of one area on the chain and settles its intervals. */
export type MarketOperator = {
  /** @throws ClearingInterruptedError when some steps are in and another was not taken */
  clear(intervalId: IntervalId, book: readonly OpenOrder[]): Promise<SubmittedClearing>;
  /**
   * Submits the steps that are missing of a clearing that was interrupted between them. The book comes from the archive.
   *
   * @throws ClearingInterruptedError when the archived book has no such step, or the chain does not take it
   */
  goOn(intervalId: IntervalId): Promise<SubmittedClearing>;
  /** Settles the pages that are not settled yet; nothing when all are. `positions` has one list a step. */
  settle(
    intervalId: IntervalId,
    settled: {
      positions: readonly (readonly AccountPosition[])[];
      published: Pick<ReadingsUnderRoot, "tree" | "context">;
    },
  ): Promise<Spent>;
  /** The clearing that the archived orders of an interval make. */
  planOf(intervalId: IntervalId): ClearingPlan;
  /** Once delivery is over, gives back what an unfinished clearing reserved; nothing when there is none. */
  giveBack(intervalId: IntervalId): Promise<Spent>;
};

/** Refusals that name an account whose orders the chain does not take; the rest of the book is cleared without them. */
const ACCOUNT_REFUSALS: ReadonlySet<string> = new Set([
  "InsufficientMargin",
  "AmountTooLarge",
  "NotTradable",
  "InvalidSignature",
  "OutsidePriceBand",
]);

export type MarketOperatorOptions = {
  sender: Sender;
  deployment: Deployment;
  market: MarketView;
  areaId: number;
  terms: AreaTerms;
  /** Account of the area's supplier, whose margin stands for surpluses. */
  supplier: number;
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

/** The operator of one area. */
export function createMarketOperator(options: MarketOperatorOptions): MarketOperator {
  const { sender, deployment, market, areaId, keepDropped, standingOrders } = options;
  const planOf = planner(options);
  const planArchived = (intervalId: IntervalId) => planOf(intervalId, standingOrders(intervalId));
  const submitFrom = async (first: number, plan: ClearingPlan) => {
    const receipts = [];
    for (const [step, call] of clearingCalls(deployment, plan).entries()) {
      if (step < first) continue;
      const sent = sender.send(call).catch((cause: unknown) => {
        throw step === 0 ? cause : interruptionOf(plan, step, cause);
      });
      receipts.push(await sent);
    }
    return { plan, gasUsed: sumGas(receipts), transactions: receipts.length };
  };

  return {
    clear: (intervalId, book) =>
      withoutRefused(book, keepDropped, async (rest) => {
        const plan = planOf(intervalId, rest);
        const uncovered = await findUncovered(options, plan, rest);
        return uncovered.length > 0 ? { refused: uncovered } : submitFrom(0, plan);
      }),
    async goOn(intervalId) {
      const { steps } = await market.intervalOf(intervalId);
      const plan = planArchived(intervalId);
      if (steps >= plan.steps.length)
        throw interruptionOf(plan, steps, "the archived orders make no such step");
      return { ...(await submitFrom(steps, plan)), dropped: [] };
    },
    planOf: planArchived,
    async settle(intervalId, { positions, published }) {
      const { stage } = await market.intervalOf(intervalId);
      if (isPaid(stage)) return NOTHING_SPENT;
      const closedPages = stage === "settling" ? await market.closedPagesOf(intervalId) : NO_PAGES;
      const { tree, context } = published;
      const place = { areaId, intervalId, positions, closedPages };
      return spentOn(await sender.sendAll(settlementCalls(deployment, { ...place, tree, context })));
    },
    async giveBack(intervalId) {
      const { stage, steps } = await market.intervalOf(intervalId);
      if (stage !== "clearing" && stage !== "voiding") return NOTHING_SPENT;
      const plan = planArchived(intervalId);
      const positions = plan.steps.slice(0, steps).map((step) => step.positions);
      const closedPages = stage === "voiding" ? await market.closedPagesOf(intervalId) : NO_PAGES;
      const place = { areaId, intervalId, positions, closedPages };
      return spentOn(await sender.sendAll(voidCalls(deployment, place)));
    },
  };
}

type Attempt = Omit<SubmittedClearing, "dropped"> | { readonly refused: readonly DroppedOrder[] };

/** Tries to clear a book, again and again without the orders that are refused. */
async function withoutRefused(
  book: readonly OpenOrder[],
  keepDropped: MarketOperatorOptions["keepDropped"],
  tryToClear: (rest: readonly OpenOrder[]) => Promise<Attempt>,
): Promise<SubmittedClearing> {
  const dropped: DroppedOrder[] = [];
  for (let rest = book; ; ) {
    const orders = rest;
    const attempt = await tryToClear(orders).catch((error: unknown) => {
      const refused = dropsOf(error, orders);
      if (refused.length === 0) throw error;
      return { refused };
    });
    if (!("refused" in attempt)) return { ...attempt, dropped };
    await keepDropped(attempt.refused);
    dropped.push(...attempt.refused);
    const gone = new Set(attempt.refused.map(({ order }) => order));
    rest = orders.filter((order) => !gone.has(order));
  }
}

const NO_PAGES: ReadonlySet<number> = new Set();
const NOTHING_SPENT: Spent = { gasUsed: 0n, transactions: 0 };

function planner({ deployment, areaId, terms, submit = "needed", maxStepOrders }: MarketOperatorOptions) {
  const separator = poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket"));
  const bound = maxStepOrders === undefined ? {} : { maxStepOrders };
  return (intervalId: IntervalId, orders: readonly OpenOrder[]): ClearingPlan =>
    planClearing({ orders, pricing: terms.pricing, separator, areaId, intervalId, submit, ...bound });
}

/**
 * The orders of accounts whose margin does not cover all steps of a plan: once the first is in, no order can be dropped
 * any more. Of a single step the contract says so itself.
 */
async function findUncovered(
  { market, terms, supplier }: MarketOperatorOptions,
  plan: ClearingPlan,
  book: readonly OpenOrder[],
): Promise<readonly DroppedOrder[]> {
  if (plan.steps.length === 1) return [];
  const short = await accountsShortOfMargin({ plan, terms, supplier, marginsOf: market.marginsOf });
  const uncovered = book.filter((order) => short.has(order.participant));
  const shortOf = short.get(supplier);
  if (uncovered.length === 0 && shortOf) throw new SupplierMarginError(supplier, shortOf);
  return uncovered.map((order) => ({ order, refusal: "InsufficientMargin" }));
}

/** The orders of the account that a refusal names; none when it names no account. */
function dropsOf(error: unknown, book: readonly OpenOrder[]): readonly DroppedOrder[] {
  if (!(error instanceof ContractRefusalError) || !ACCOUNT_REFUSALS.has(error.refusal)) return [];
  const { refusal, values } = error;
  const account = Number(values.account);
  return book.filter((order) => order.participant === account).map((order) => ({ order, refusal }));
}

function spentOn(receipts: readonly { gasUsed: bigint }[]): Spent {
  return { gasUsed: sumGas(receipts), transactions: receipts.length };
}

function sumGas(receipts: readonly { gasUsed: bigint }[]): bigint {
  return receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
}

function interruptionOf({ outcome, steps }: ClearingPlan, step: number, cause: unknown) {
  return new ClearingInterruptedError({ intervalId: outcome.intervalId, step, steps: steps.length, cause });
}

/** Some steps of a clearing are in, and the next was not taken. What they reserved can be given back after delivery. */
export class ClearingInterruptedError extends DomainError {
  readonly code = "clearingInterrupted";

  constructor({
    intervalId,
    step,
    steps,
    cause,
  }: { intervalId: IntervalId; step: number; steps: number; cause: unknown }) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`the clearing of interval ${intervalId} stopped after ${step} of ${steps} steps: ${why}`, {
      cause,
    });
  }
}
