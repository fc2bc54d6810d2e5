import { and, eq } from "drizzle-orm";
import { intervals } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import { endsAt, startsAt } from "#kernel/units/interval.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";

export type IntervalRow = typeof intervals.$inferSelect;

export type IntervalChange = Partial<typeof intervals.$inferInsert>;

/** What an interval is before its clearing, and again after one that was given up. */
const UNCLEARED = {
  stage: "collecting",
  termsVersion: null,
  supplier: null,
  dso: null,
  fund: null,
  isSupplied: null,
  steps: 0,
  orders: 0,
  trades: 0,
  clearedWh: 0n,
  supplierReserveMicro: 0n,
  gridFeeMicro: 0n,
} as const;

/** The interval's row, made when this is the first that the chain says of it. */
export async function openInterval(
  tx: Queryable,
  { areaId, intervalSeconds }: { readonly areaId: number; readonly intervalSeconds: number },
  intervalId: number,
): Promise<IntervalRow> {
  await tx
    .insert(intervals)
    .values({
      areaId,
      intervalId,
      startsAt: startsAt(intervalId, intervalSeconds),
      endsAt: endsAt(intervalId, intervalSeconds),
      attempt: 0,
      ...UNCLEARED,
    })
    .onConflictDoNothing();
  return intervalOf(tx, { areaId, intervalId });
}

/** The interval waits for another clearing: the attempts so far were given up. */
export async function resetInterval(
  tx: Queryable,
  place: IntervalPlace,
  { attempt, abandonedAt }: { attempt: number; abandonedAt: number },
): Promise<void> {
  await changeInterval(tx, place, { ...UNCLEARED, attempt, abandonedAt });
}

export async function intervalOf(tx: Queryable, { areaId, intervalId }: IntervalPlace): Promise<IntervalRow> {
  const [row] = await tx
    .select()
    .from(intervals)
    .where(and(eq(intervals.areaId, areaId), eq(intervals.intervalId, intervalId)));
  return present(row, `interval ${intervalId} of area ${areaId}`);
}

export async function changeInterval(
  tx: Queryable,
  { areaId, intervalId }: IntervalPlace,
  change: IntervalChange,
): Promise<void> {
  await tx
    .update(intervals)
    .set(change)
    .where(and(eq(intervals.areaId, areaId), eq(intervals.intervalId, intervalId)));
}
