import { and, asc, isNull } from "drizzle-orm";
import { allOrders } from "#domains/pool/tables.ts";
import type { Side } from "#kernel/auction/order.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { total } from "#platform/store/queries/sums.ts";
import { isAmongIntervals } from "#platform/store/sealed/restrict.ts";

/** What was wished at one price, all orders together, Wh. */
export type DepthLevel = {
  readonly side: Side;
  readonly limitPriceMicroPerKwh: bigint;
  readonly energyWh: bigint;
  readonly fillWh: bigint;
};

/** The orders of cleared intervals by side and price, without whose they are; none that the chain refused. */
export async function sumDepth(db: Queryable, places: readonly IntervalPlace[]): Promise<DepthLevel[]> {
  if (places.length === 0) return [];
  const rows = await db
    .select({
      side: allOrders.side,
      limitPriceMicroPerKwh: allOrders.limitPriceMicroPerKwh,
      energyWh: total(allOrders.energyWh),
      fillWh: total(allOrders.fillWh),
    })
    .from(allOrders)
    .where(and(isAmongIntervals(allOrders, places), isNull(allOrders.refusal)))
    .groupBy(allOrders.side, allOrders.limitPriceMicroPerKwh)
    .orderBy(asc(allOrders.limitPriceMicroPerKwh), asc(allOrders.side));
  return rows.map((row) => ({ ...row, limitPriceMicroPerKwh: BigInt(row.limitPriceMicroPerKwh) }));
}
