import { and, eq, gte, lt, notInArray, sql } from "drizzle-orm";
import { UNCLEARED_STAGES } from "#domains/pool/rules/stage.ts";
import { intervals } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";

/** What was cleared in a period; prices are null where nothing was traded. */
export type PeriodSums = {
  readonly period: number;
  readonly intervals: number;
  readonly tradedIntervals: number;
  readonly clearedWh: bigint;
  readonly orders: number;
  readonly trades: number;
  /** Mean of the local prices by traded energy, to the nearest micro per kWh. */
  readonly meanMicroPerKwh: bigint | null;
  readonly lowestMicroPerKwh: bigint | null;
  readonly highestMicroPerKwh: bigint | null;
};

/**
 * Sums of the cleared intervals of an area, or of all, over periods that follow one another, in their order: period `i` is
 * `[starts[i], starts[i + 1])`, unix seconds, the last ends at `to`. Periods without a cleared interval are left out.
 */
export function sumIntervals(
  db: Queryable,
  { areaId, starts, to }: { areaId: number | undefined; starts: readonly number[]; to: number },
): Promise<PeriodSums[]> {
  // Not parameters: the expression must be the same text where it is selected and where it groups.
  const bounds = sql.raw(starts.map((start) => BigInt(start).toString()).join(", "));
  const period = sql<number>`width_bucket(${intervals.startsAt}, array[${bounds}]::bigint[]) - 1`;
  const { localPriceMicroPerKwh: price, clearedWh } = intervals;
  const paid = sql`sum(${price}::numeric * ${clearedWh})`;
  const pricedWh = sql`nullif(sum(${clearedWh}) filter (where ${price} is not null), 0)`;
  return db
    .select({
      period: period.mapWith(Number),
      intervals: COUNT,
      tradedIntervals: sql<number>`count(${price})`.mapWith(Number),
      clearedWh: total(clearedWh),
      orders: total(intervals.orders).mapWith(Number),
      trades: total(intervals.trades).mapWith(Number),
      meanMicroPerKwh: sql<bigint | null>`round(${paid} / ${pricedWh})`.mapWith(BigInt),
      lowestMicroPerKwh: sql<bigint | null>`min(${price})`.mapWith(BigInt),
      highestMicroPerKwh: sql<bigint | null>`max(${price})`.mapWith(BigInt),
    })
    .from(intervals)
    .where(
      and(
        areaId === undefined ? undefined : eq(intervals.areaId, areaId),
        gte(intervals.startsAt, starts[0] ?? to),
        lt(intervals.startsAt, to),
        notInArray(intervals.stage, [...UNCLEARED_STAGES]),
      ),
    )
    .groupBy(period)
    .orderBy(period);
}
