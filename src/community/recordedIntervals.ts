import type { MarketOutcome } from "#domains/pool/poolRecord.ts";
import { listPastIntervals, type PastInterval } from "#domains/pool/queries/replay.ts";
import { mergePositions } from "#domains/pool/rules/mergePositions.ts";
import type { AccountPosition } from "#domains/pool/rules/positionWord.ts";
import { isComplete, isPaid } from "#domains/pool/rules/stage.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { Database } from "#platform/store/openStore.ts";
import type { AreaStart } from "./areaDuties.ts";
import type { Homes } from "./homes.ts";

/** Intervals read at once. */
const PAGE = 500;

/** What the record of an area says of an interval. */
type RecordedInterval = Pick<PastInterval, "intervalId" | "stage" | "steps" | "isPublished">;

/** Intervals of the database in order, as far as the chain knows them. */
export async function* recordedIntervals(
  db: Database,
  { areaId, firstIntervalId }: { areaId: number; firstIntervalId: IntervalId },
): AsyncGenerator<RecordedInterval> {
  for (let from = firstIntervalId; ; ) {
    const page = await listPastIntervals(db, { areaId, firstIntervalId: from, limit: PAGE });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    from = last.intervalId + 1;
  }
}

/** What the database has of a single interval's clearing; null without one. */
export function storedMarket(db: Database, areaId: number) {
  return async (intervalId: IntervalId): Promise<MarketOutcome | null> => {
    const [past] = await listPastIntervals(db, { areaId, firstIntervalId: intervalId, limit: 1 });
    return past?.intervalId === intervalId && past.stage !== "collecting" ? past : null;
  };
}

/**
 * Brings homes at their first second to the first interval whose readings are not published, which is where the duties of
 * the area go on: they live through each interval before it again with the positions they had. Of those some may have
 * something left to be paid or given back.
 */
export async function reliveRecord(
  homes: Pick<Homes, "relive">,
  { record, firstIntervalId }: { record: AsyncIterable<RecordedInterval>; firstIntervalId: IntervalId },
): Promise<AreaStart> {
  const unfinished: IntervalId[] = [];
  let nextIntervalId = firstIntervalId;
  for await (const { intervalId, stage, steps, isPublished } of record) {
    if (intervalId !== nextIntervalId || !isPublished) break;
    homes.relive(intervalId, isComplete(stage) ? mergePositions(steps) : NO_POSITIONS);
    if (!isPaid(stage) && stage !== "voided" && stage !== "collecting") unfinished.push(intervalId);
    nextIntervalId += 1;
  }
  return { nextIntervalId, unfinished };
}

const NO_POSITIONS: ReadonlyMap<number, AccountPosition> = new Map();
