import { bookRootOf, sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import { poolSeparator } from "#domains/pool/rules/signedOrder.ts";
import { orders } from "#domains/pool/tables.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { addRows } from "#platform/store/workingSet.ts";
import { type OrderRow, orderRows, signedOrder } from "./orderRows.ts";
import type { PoolProjection } from "./poolProjection.ts";
import type { AreaRow } from "./terms.ts";

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
  projection: PoolProjection<"intervalCleared">,
  members: { area: AreaRow; accounts: ReadonlyMap<number, number> },
  submitted: readonly OrderRow[],
): Promise<ArchivedRows> {
  const { event, deployment, sources } = projection;
  const { areaId, intervalId, bookRoot } = event;
  const archived = sources.ordersOf(areaId, intervalId);
  const known = new Set(submitted.map(({ orderId }) => orderId));
  const all = (await orderRows(projection, { ...members, orders: archived })).map(({ row, order }) => ({
    ...row,
    receivedAt: order.receivedAt,
    refusal: order.refusal,
  }));
  const receivedAt = new Map(all.map((row) => [row.orderId, row.receivedAt]));
  const rows = all.filter(({ orderId }) => !known.has(orderId));
  const unsubmitted = rows
    .filter(({ refusal }) => refusal === null)
    .map((row) => ({ ...row, fillWh: 0, exactPayment: 0n }));
  const separator = poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket"));
  const book = sortByMerit([...submitted, ...unsubmitted].map(signedOrder));
  const isComplete = bookRootOf(book, { separator, areaId, intervalId }) === bookRoot;
  return {
    submitted: submitted.map((row) => ({ ...row, receivedAt: receivedAt.get(row.orderId) ?? null })),
    unsubmitted: isComplete ? unsubmitted : [],
    refused: rows.filter(({ refusal }) => refusal !== null),
    isComplete,
  };
}

/** Writes the book, each order at its place. */
export function writeBook(
  tx: Queryable,
  place: IntervalPlace,
  { submitted, unsubmitted, refused }: Omit<ArchivedRows, "isComplete">,
): void {
  const { bids, offers } = sortByMerit([...submitted, ...unsubmitted].map(signedOrder));
  addRows(tx, orders, place, [
    ...bids.map(({ row }, at) => ({ ...row, place: at })),
    ...offers.map(({ row }, at) => ({ ...row, place: at })),
    ...refused,
  ]);
}
