import { and, eq } from "drizzle-orm";
import { bookRootOf, sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import { poolSeparator, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { fromHex, type Hex } from "#kernel/crypto/hex.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Projection } from "#platform/store/project.ts";
import { orders } from "#platform/store/schema.ts";
import type { IntervalKey } from "./intervals.ts";
import { type OrderRow, orderRows } from "./orderRows.ts";

/**
 * What the desk's archive knows of an interval: when it received the submitted orders, and those beyond them. `isComplete`
 * says whether both together are the whole book behind the recorded root; if not, none of the others is told as part of it.
 */
export type ArchivedRows = {
  readonly submitted: readonly OrderRow[];
  readonly unsubmitted: readonly OrderRow[];
  readonly refused: readonly OrderRow[];
  readonly isComplete: boolean;
};

/** The submitted rows with their times, and rows of the other orders: untraded, and those that the chain refused. */
export async function archivedRows(
  { tx, event, deployment, sources }: Projection<"intervalCleared">,
  submitted: readonly OrderRow[],
): Promise<ArchivedRows> {
  const { areaId, intervalId, bookRoot } = event;
  const archived = sources.ordersOf(areaId, intervalId);
  const known = new Set(submitted.map(({ orderId }) => orderId));
  const all = (await orderRows({ tx, deployment, event, orders: archived })).map((row, i) => ({
    ...row,
    receivedAt: archived[i]?.receivedAt ?? null,
    refusal: archived[i]?.refusal ?? null,
  }));
  const receivedAt = new Map(all.map((row) => [row.orderId, row.receivedAt]));
  const rows = all.filter(({ orderId }) => !known.has(orderId));
  const unsubmitted = rows
    .filter(({ refusal }) => refusal === null)
    .map((row) => ({ ...row, fillWh: 0, exactPayment: 0n }));
  const separator = poolSeparator(deployment.chainId, deployment.poolMarket);
  const book = sortByMerit([...submitted, ...unsubmitted].map(signedOrder));
  const isComplete = bookRootOf(book, { separator, areaId, intervalId }) === bookRoot;
  return {
    submitted: submitted.map((row) => ({ ...row, receivedAt: receivedAt.get(row.orderId) ?? null })),
    unsubmitted: isComplete ? unsubmitted : [],
    refused: rows.filter(({ refusal }) => refusal !== null),
    isComplete,
  };
}

/** Writes the book anew, each order at its place: one insertion is much faster than an update for each order. */
export async function writeBook(
  tx: Queryable,
  { areaId, intervalId }: IntervalKey,
  { submitted, unsubmitted, refused }: Omit<ArchivedRows, "isComplete">,
): Promise<void> {
  const { bids, offers } = sortByMerit([...submitted, ...unsubmitted].map(signedOrder));
  await tx.delete(orders).where(and(eq(orders.areaId, areaId), eq(orders.intervalId, intervalId)));
  await insertAll(tx, orders, [
    ...bids.map(({ row }, place) => ({ ...row, place })),
    ...offers.map(({ row }, place) => ({ ...row, place })),
    ...refused,
  ]);
}

/** A row as the order that was signed. */
function signedOrder(row: OrderRow): SignedOrder & { readonly row: OrderRow } {
  return {
    participant: row.account,
    side: row.side,
    energyWh: row.energyWh,
    limitPriceMicroPerKwh: row.limitPriceMicroPerKwh,
    sequence: row.sequence,
    signature: fromHex(row.signature as Hex),
    row,
  };
}
