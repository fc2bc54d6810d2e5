import { and, eq } from "drizzle-orm";
import { intervals } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import { endsAt, startsAt } from "#kernel/units/interval.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { AreaRow } from "./areas.ts";

export type IntervalRow = typeof intervals.$inferSelect;

/** Where an interval is: its area, and its number. */
export type IntervalKey = { readonly areaId: number; readonly intervalId: number };

/** The interval's row, made when this is the first that the chain says of it. */
export async function openInterval(tx: Queryable, area: AreaRow, intervalId: number): Promise<IntervalRow> {
  const { areaId, intervalSeconds } = area;
  await tx
    .insert(intervals)
    .values({
      areaId,
      intervalId,
      startsAt: startsAt(intervalId, intervalSeconds),
      endsAt: endsAt(intervalId, intervalSeconds),
      stage: "collecting",
      steps: 0,
      orders: 0,
      trades: 0,
      clearedWh: 0n,
      supplierReserveMicro: 0n,
      gridFeeMicro: 0n,
    })
    .onConflictDoNothing();
  return intervalOf(tx, { areaId, intervalId });
}

export async function intervalOf(tx: Queryable, key: IntervalKey): Promise<IntervalRow> {
  const [row] = await tx
    .select()
    .from(intervals)
    .where(and(eq(intervals.areaId, key.areaId), eq(intervals.intervalId, key.intervalId)));
  return present(row, `interval ${key.intervalId} of area ${key.areaId}`);
}

export async function changeInterval(
  tx: Queryable,
  { areaId, intervalId }: IntervalKey,
  change: Partial<typeof intervals.$inferInsert>,
): Promise<void> {
  await tx
    .update(intervals)
    .set(change)
    .where(and(eq(intervals.areaId, areaId), eq(intervals.intervalId, intervalId)));
}
