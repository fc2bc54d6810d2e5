import type { ReadingArchive } from "#domains/metering/readingArchive.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { OrderArchive } from "#domains/pool/orderArchive.ts";
import { groupCommit } from "#platform/store/groupCommit.ts";
import type { Archives } from "./communityNode.ts";

/**
 * What roles keep, on disk, and what they look up there. A reading that was kept before a crash, and is signed again after it, is kept once: the same
 * device signs the same reading alike.
 */
export function archivesOf({
  readings,
  orders,
  areaId,
}: {
  readings: ReadingArchive;
  orders: OrderArchive;
  areaId: number;
}): Archives {
  let isFirst = true;
  const keptBefore = (list: readonly SignedReading[]): ReadonlySet<string> => {
    const intervalId = list[0]?.intervalId ?? 0;
    return new Set(readings.readingsOf(areaId, intervalId).map(({ meterId }) => meterId));
  };
  return {
    keepOrder: groupCommit((list) => orders.append(list.map((order) => ({ ...order, refusal: null })))),
    async keepDropped(dropped) {
      orders.append(dropped.map(({ order, refusal }) => ({ ...order, refusal })));
    },
    standingOrders: (intervalId) =>
      orders.ordersOf(areaId, intervalId).filter(({ refusal }) => refusal === null),
    async keepReadings(list) {
      // Only intervals that were under way at the last stop can be there already; after a few they are behind us.
      const kept = isFirst ? keptBefore(list) : NONE;
      if (kept.size === 0) isFirst = false;
      readings.append(list.filter(({ meterId }) => !kept.has(meterId)));
    },
  };
}

const NONE: ReadonlySet<string> = new Set();
