import { and, eq, inArray, lt } from "drizzle-orm";
import { intervals, positions } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";

/** Intervals that are to be settled or given back, or of which a clearing that was given up holds money still. */
export async function listUnfinishedPlaces(db: Queryable): Promise<readonly IntervalPlace[]> {
  const place = { areaId: intervals.areaId, intervalId: intervals.intervalId };
  const underWay = await db
    .select(place)
    .from(intervals)
    .where(inArray(intervals.stage, ["clearing", "cleared", "settling", "returning"]));
  const held = await db
    .selectDistinct(place)
    .from(positions)
    .innerJoin(
      intervals,
      and(eq(intervals.areaId, positions.areaId), eq(intervals.intervalId, positions.intervalId)),
    )
    .where(lt(positions.attempt, intervals.attempt));
  return [...underWay, ...held];
}
