import { LAST_RESORT_SECONDS, waitedUntil } from "#domains/pool/rules/settlementTiming.ts";
import { isPaid } from "#domains/pool/rules/stage.ts";
import { type IntervalId, intervalAt } from "#kernel/units/interval.ts";
import type { Database } from "#platform/store/openStore.ts";
import type { AreaStart } from "./areaDuties.ts";
import { recordedIntervals } from "./recordedIntervals.ts";

const DAY_SECONDS = 86_400;

/**
 * Where an area goes on whose members have meters of their own: with the interval that is delivered now. What passed
 * while nobody ran it has no market; of the last day readings may still come and be published, and what was cleared
 * earlier may still be paid or given back.
 */
export async function startOfMetered(
  db: Database,
  {
    areaId,
    firstIntervalId,
    area,
    now,
  }: {
    areaId: number;
    firstIntervalId: IntervalId;
    area: { readonly intervalSeconds: number; readonly waitingSeconds: number };
    now: number;
  },
): Promise<AreaStart> {
  const { intervalSeconds } = area;
  const at = (second: number) => Math.max(firstIntervalId, intervalAt(second, intervalSeconds));
  const nextIntervalId = at(now);
  const oldest = at(now - (waitedUntil(0, area) + LAST_RESORT_SECONDS + DAY_SECONDS));
  const open = new Map<IntervalId, boolean>();
  for (let id = at(now - DAY_SECONDS); id < nextIntervalId; id += 1) open.set(id, true);
  for await (const { intervalId, stage, attempt, isPublished } of recordedIntervals(db, {
    areaId,
    firstIntervalId: oldest,
  })) {
    if (intervalId >= nextIntervalId) break;
    const isHeld = stage === "collecting" ? attempt > 0 : !isPaid(stage) && stage !== "returned";
    open.set(intervalId, isHeld || (!isPublished && open.has(intervalId)));
  }
  const unfinished = [...open].filter(([, isOpen]) => isOpen).map(([id]) => id);
  return { nextIntervalId, unfinished: unfinished.sort((one, other) => one - other) };
}
