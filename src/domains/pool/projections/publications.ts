import type { MeteringEvent } from "#domains/metering/events.ts";
import { meteredAreaOf } from "#domains/metering/queries/areas.ts";
import { findTerms } from "#domains/pool/queries/areas.ts";
import { isComplete } from "#domains/pool/rules/stage.ts";
import { intervals } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { rowsOf } from "#platform/store/workingSet.ts";
import { changeInterval, openInterval } from "./intervals.ts";
import { holdingsOf } from "./positions.ts";

/** The root under which an interval's settlement will open readings. An area without a pool has no intervals here. */
export async function projectPublication(
  tx: Queryable,
  event: MeteringEvent<"readingsPublished">,
): Promise<void> {
  if ((await findTerms(tx, event)) === null) return;
  await openInterval(tx, await meteredAreaOf(tx, event.areaId), event.intervalId);
  await changeInterval(tx, event, {
    readingsRoot: event.root,
    readingsVersion: event.version,
    readingsMeters: event.meters,
    publishedAt: event.timestamp,
  });
}

/** Members whose readings a settlement opens: those with a position in an interval that was cleared to its end. */
export async function positionedIn(tx: Queryable, place: IntervalPlace): Promise<ReadonlySet<number>> {
  const [interval] = await rowsOf(tx, intervals, place);
  if (!interval || !isComplete(interval.stage)) return new Set();
  const held = { ...place, attempt: interval.attempt };
  return new Set((await holdingsOf(tx, held)).map(({ member }) => member));
}
