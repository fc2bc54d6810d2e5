import { and, asc, desc, eq, gt, lte } from "drizzle-orm";
import { quotaPeriods, quotaStations, quotaTerms } from "#domains/charging/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { remembered } from "#platform/store/workingSet.ts";

/** The stations that demanded in an interval's period, and whether its margin was divided; null in an interval without a period. */
export async function demandsOf(
  tx: Queryable,
  { areaId, intervalId }: IntervalPlace,
): Promise<{ readonly isDivided: boolean; readonly members: readonly number[] } | null> {
  if (!(await hasQuotas(tx, areaId))) return null;
  const [here] = await tx
    .select()
    .from(quotaPeriods)
    .where(and(eq(quotaPeriods.areaId, areaId), lte(quotaPeriods.intervalId, intervalId)))
    .orderBy(desc(quotaPeriods.period))
    .limit(1);
  if (!here || intervalId >= here.intervalId + here.intervals) return null;
  const rows = await tx
    .select({ member: quotaStations.member })
    .from(quotaStations)
    .where(and(eq(quotaStations.areaId, areaId), eq(quotaStations.intervalId, here.intervalId)));
  return { isDivided: here.allocatedAt !== null, members: rows.map(({ member }) => member) };
}

/** Whether anybody announced terms of quotas for an area: most have none, and no period. */
function hasQuotas(tx: Queryable, areaId: number): Promise<boolean> {
  const look = async () =>
    (
      await tx
        .select({ version: quotaTerms.version })
        .from(quotaTerms)
        .where(eq(quotaTerms.areaId, areaId))
        .limit(1)
    ).length > 0;
  return remembered(tx, quotaTerms, { key: areaId, look });
}

/** Members whose readings payments open: stations that demanded, whatever became of it, as the gateway sets them apart. */
export async function demandedIn(tx: Queryable, place: IntervalPlace): Promise<ReadonlySet<number>> {
  return new Set((await demandsOf(tx, place))?.members);
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

/** Periods of an area, rising, that ended since a second and have deposits which are not back yet. */
export async function listHeldPeriods(
  db: Queryable,
  { areaId, since }: { readonly areaId: number; readonly since: number },
): Promise<readonly number[]> {
  const held = await db
    .select({ period: quotaPeriods.period })
    .from(quotaPeriods)
    .where(
      and(eq(quotaPeriods.areaId, areaId), gt(quotaPeriods.openDeposits, 0), gt(quotaPeriods.endsAt, since)),
    )
    .orderBy(asc(quotaPeriods.period));
  return held.map(({ period }) => period);
}
