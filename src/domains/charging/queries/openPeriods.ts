import { and, desc, eq, gt, isNotNull, lte } from "drizzle-orm";
import { quotaPeriods, quotaStations } from "#domains/charging/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";

/** Members whose readings payments open: stations that demanded in a period of which the margin was divided. */
export async function demandedIn(
  tx: Queryable,
  { areaId, intervalId }: IntervalPlace,
): Promise<ReadonlySet<number>> {
  const [here] = await tx
    .select({ first: quotaPeriods.intervalId, intervals: quotaPeriods.intervals })
    .from(quotaPeriods)
    .where(
      and(
        eq(quotaPeriods.areaId, areaId),
        lte(quotaPeriods.intervalId, intervalId),
        isNotNull(quotaPeriods.allocatedAt),
      ),
    )
    .orderBy(desc(quotaPeriods.period))
    .limit(1);
  if (!here || intervalId >= here.first + here.intervals) return new Set();
  const rows = await tx
    .select({ member: quotaStations.member })
    .from(quotaStations)
    .where(and(eq(quotaStations.areaId, areaId), eq(quotaStations.intervalId, here.first)));
  return new Set(rows.map(({ member }) => member));
}

/** Intervals of periods with deposits that are not back yet: payments and withdrawals will change their rows. */
export async function listOpenPlaces(db: Queryable): Promise<readonly IntervalPlace[]> {
  const open = await db
    .select({
      areaId: quotaPeriods.areaId,
      first: quotaPeriods.intervalId,
      intervals: quotaPeriods.intervals,
    })
    .from(quotaPeriods)
    .where(gt(quotaPeriods.openDeposits, 0));
  return open.flatMap(({ areaId, first, intervals }) =>
    Array.from({ length: intervals }, (_, i) => ({ areaId, intervalId: first + i })),
  );
}
