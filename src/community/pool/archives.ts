import type { ReadingArchive } from "#domains/metering/readingArchive.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { DroppedOrder } from "#domains/pool/marketOperator.ts";
import type { OrderArchive } from "#domains/pool/orderArchive.ts";
import type { OpenOrder } from "#domains/pool/orderDesk.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { groupCommit } from "#platform/store/groupCommit.ts";

/** What must be durable before the market goes on, and what it goes on from. */
export type Archives = {
  readonly keepOrder: (order: OpenOrder) => Promise<void>;
  readonly keepDropped: (dropped: readonly DroppedOrder[]) => Promise<void>;
  /** The orders of an interval that were accepted and not dropped. */
  readonly standingOrders: (intervalId: IntervalId) => readonly OpenOrder[];
  readonly keepReading: (reading: SignedReading) => Promise<void>;
  readonly keptReadings: (intervalId: IntervalId) => readonly SignedReading[];
};

/** What the roles of an area keep on disk, and what they look up there. */
export function archivesOf({
  readings,
  orders,
  areaId,
}: {
  readings: ReadingArchive;
  orders: OrderArchive;
  areaId: number;
}): Archives {
  return {
    keepOrder: groupCommit((list) => orders.append(list.map((order) => ({ ...order, refusal: null })))),
    async keepDropped(dropped) {
      orders.append(dropped.map(({ order, refusal }) => ({ ...order, refusal })));
    },
    standingOrders: (intervalId) =>
      orders.ordersOf(areaId, intervalId).filter(({ refusal }) => refusal === null),
    keepReading: groupCommit((list) => readings.append(list)),
    keptReadings: (intervalId) => readings.readingsOf(areaId, intervalId),
  };
}
