import { ContractRefusalError } from "#chain/contractRefusal.ts";
import type { Deployment } from "#chain/deployment.ts";
import { clearingCalls, settlementCalls } from "#chain/poolMarket.ts";
import type { Sender } from "#chain/sender.ts";
import { type ClearingPlan, planClearing, type Submission } from "#evidence/clearingPlan.ts";
import type { AccountPosition } from "#evidence/positionWord.ts";
import { poolSeparator } from "#evidence/signedOrder.ts";
import type { Pricing } from "#market/order.ts";
import type { IntervalId } from "#units/interval.ts";
import type { PublishedReadings } from "./meterGateway.ts";
import type { OpenOrder } from "./orderDesk.ts";

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
  clear(intervalId: IntervalId, book: readonly OpenOrder[]): Promise<SubmittedClearing>;
  settle(
    intervalId: IntervalId,
    settled: { positions: readonly (readonly AccountPosition[])[]; published: PublishedReadings },
  ): Promise<{ gasUsed: bigint; transactions: number }>;
};

/** Refusals that name an account whose orders the chain does not take; the rest of the book is cleared without them. */
const ACCOUNT_REFUSALS: ReadonlySet<string> = new Set([
  "InsufficientMargin",
  "NotTradable",
  "InvalidSignature",
  "OutsidePriceBand",
]);

/**
 * The operator of one area. `keepDropped` makes known which orders the chain refused before the rest is submitted, so that
 * the book under the root is always what was kept as accepted. `submit` chooses which orders go to the chain.
 */
export function createMarketOperator({
  sender,
  deployment,
  areaId,
  pricing,
  submit = "needed",
  keepDropped,
}: {
  sender: Sender;
  deployment: Deployment;
  areaId: number;
  pricing: Pricing;
  submit?: Submission;
  keepDropped: (dropped: readonly DroppedOrder[]) => Promise<void>;
}): MarketOperator {
  const separator = poolSeparator(deployment.chainId, deployment.poolMarket);
  const submitBook = async (intervalId: IntervalId, book: readonly OpenOrder[]) => {
    const plan = planClearing({ orders: book, pricing, separator, areaId, intervalId, submit });
    const receipts = [];
    for (const call of clearingCalls(deployment, plan)) receipts.push(await sender.send(call));
    return { plan, gasUsed: sumGas(receipts), transactions: receipts.length };
  };

  return {
    async clear(intervalId, book) {
      const dropped: DroppedOrder[] = [];
      let rest = book;
      for (;;) {
        try {
          return { ...(await submitBook(intervalId, rest)), dropped };
        } catch (error) {
          const refused = dropsOf(error, rest);
          if (refused.length === 0) throw error;
          await keepDropped(refused);
          dropped.push(...refused);
          const gone = new Set(refused.map(({ order }) => order));
          rest = rest.filter((order) => !gone.has(order));
        }
      }
    },
    async settle(intervalId, { positions, published }) {
      const { tree, context } = published;
      const calls = settlementCalls(deployment, { areaId, intervalId, positions, tree, context });
      const receipts = await sender.sendAll(calls);
      return { gasUsed: sumGas(receipts), transactions: receipts.length };
    },
  };
}

/** The orders of the account that a refusal names; none when it names no account. */
function dropsOf(error: unknown, book: readonly OpenOrder[]): readonly DroppedOrder[] {
  if (!(error instanceof ContractRefusalError) || !ACCOUNT_REFUSALS.has(error.refusal)) return [];
  const { refusal, values } = error;
  const account = Number(values.account);
  return book.filter((order) => order.participant === account).map((order) => ({ order, refusal }));
}

function sumGas(receipts: readonly { gasUsed: bigint }[]): bigint {
  return receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
}
