import { and, eq } from "drizzle-orm";
import type { MeteringEvent } from "#domains/metering/events.ts";
import { isComplete } from "#domains/pool/rules/stage.ts";
import { intervals } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { areaOf } from "./areas.ts";
import { changeInterval, openInterval } from "./intervals.ts";
import { holdingsOf } from "./positions.ts";

/** The root under which an interval's settlement will open readings. */
export async function projectPublication(
  tx: Queryable,
  event: MeteringEvent<"readingsPublished">,
): Promise<void> {
  await openInterval(tx, await areaOf(tx, event.areaId), event.intervalId);
  await changeInterval(tx, event, {
    readingsRoot: event.root,
    readingsVersion: event.version,
    readingsMeters: event.meters,
    publishedAt: event.timestamp,
  });
}

/** Accounts whose readings a settlement opens: those with a position in an interval that was cleared to its end. */
export async function positionedIn(tx: Queryable, place: IntervalPlace): Promise<ReadonlySet<number>> {
  const { areaId, intervalId } = place;
  const [interval] = await tx
    .select({ stage: intervals.stage })
    .from(intervals)
    .where(and(eq(intervals.areaId, areaId), eq(intervals.intervalId, intervalId)));
  if (!interval || !isComplete(interval.stage)) return new Set();
  return new Set((await holdingsOf(tx, place)).map(({ account }) => account));
}
