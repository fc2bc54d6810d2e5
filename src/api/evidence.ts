import type { z } from "zod";
import { fromHex, type Hex, toHex, wordOf } from "#evidence/hex.ts";
import { positionWord } from "#evidence/positionWord.ts";
import { packOrders } from "#evidence/signedOrder.ts";
import { MAX_SIDE_ORDERS } from "#market/book.ts";
import type { Side } from "#market/order.ts";
import { findEvidence, type IntervalView } from "#store/queries/intervals.ts";
import { listBook, type OrderView } from "#store/queries/orders.ts";
import type { Api, ApiContext } from "./apiContext.ts";
import { requireInterval } from "./intervals.ts";
import { describeRoute } from "./routeSchema.ts";
import { evidenceWire, intervalParams } from "./wire.ts";

/** All that a browser needs to check an interval itself: nobody has to trust the operator (R6.3). */
export function addEvidence(app: Api, context: ApiContext): void {
  const summary = "Everything that proves an interval";
  app.get(
    "/v1/intervals/:areaId/:intervalId/evidence",
    {
      schema: { params: intervalParams, ...describeRoute("intervals", summary, { body: evidenceWire }) },
    },
    async ({ params }) => evidenceBody(context, params),
  );
}

async function evidenceBody(
  context: ApiContext,
  key: { areaId: number; intervalId: number },
): Promise<z.infer<typeof evidenceWire>> {
  const { db, deployment } = context.store;
  const interval = await requireInterval(context, key);
  const { readingsRoot: root, readingsVersion: version } = interval;
  const { steps, positions, pages, transactions } = await findEvidence(db, key);
  // An interval's book is bounded by what the contract clears, so it is read as a whole.
  const book = await listBook(db, { ...key, limit: 2 * MAX_SIDE_ORDERS, offset: 0 });
  return {
    ...key,
    chainId: deployment.chainId,
    poolMarket: deployment.poolMarket,
    meterLedger: deployment.meterLedger,
    steps: steps.map(({ step, transactionHash, outcome, isLast }) => ({
      step,
      transactionHash,
      outcome: JSON.parse(outcome) as unknown,
      bids: packSide(book, "bid", step),
      offers: packSide(book, "offer", step),
      isLast,
      positions: positions
        .filter((position) => position.step === step)
        .map((position) => toHex(wordOf(positionWord(position)))),
    })),
    book: bookBody(interval, book),
    readings: root !== null && version !== null ? { root, version } : null,
    pages: pages.map(({ page, transactionHash, gridFeeMicro, readings }) => ({
      page,
      transactionHash,
      gridFeeMicro: String(gridFeeMicro),
      shown: JSON.parse(readings) as unknown,
    })),
    transactions: transactions.map(({ hash, block, sender, purpose, gasUsed }) => ({
      transactionHash: hash,
      block,
      sender,
      purpose,
      gasUsed: String(gasUsed),
    })),
  };
}

/** What is under the book's root besides the submitted orders. */
function bookBody(
  { bookRoot, isBookComplete }: IntervalView,
  book: readonly OrderView[],
): z.infer<typeof evidenceWire>["book"] {
  if (bookRoot === null) return null;
  return {
    root: bookRoot,
    isComplete: isBookComplete === true,
    bids: packSide(book, "bid", null),
    offers: packSide(book, "offer", null),
  };
}

/** The orders of a side as the contract takes them, in merit order: those of a step, or with null the unsubmitted ones. */
function packSide(book: readonly OrderView[], side: Side, step: number | null): Hex {
  const list = book.filter((order) => order.side === side && order.step === step);
  return toHex(
    packOrders(
      list.map((order) => ({
        participant: order.account,
        side,
        energyWh: order.energyWh,
        limitPriceMicroPerKwh: order.limitPriceMicroPerKwh,
        sequence: order.sequence,
        signature: fromHex(order.signature as Hex),
      })),
    ),
  );
}
