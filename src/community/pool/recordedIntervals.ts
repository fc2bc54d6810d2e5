import type { MarketOutcome } from "#domains/pool/poolRecord.ts";
import { listPastIntervals, type PastInterval } from "#domains/pool/queries/replay.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { isComplete, isPaid } from "#domains/pool/rules/stage.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { Database } from "#platform/store/openStore.ts";
import type { AreaStart } from "./areaDuties.ts";
import type { Homes } from "./homes.ts";

/** Intervals read at once. */
const PAGE = 500;

/** What the record of an area says of an interval. */
type RecordedInterval = Pick<PastInterval, "intervalId" | "stage" | "attempt" | "positions" | "isPublished">;

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
  for await (const past of record) {
    const { intervalId, stage, positions, isPublished } = past;
    if (intervalId !== nextIntervalId || !isPublished) break;
    homes.relive(intervalId, isComplete(stage) ? byMember(positions) : NO_POSITIONS);
    if (isUnfinished(past)) unfinished.push(intervalId);
    nextIntervalId += 1;
  }
  return { nextIntervalId, unfinished };
}

/** Of a clearing that was given up by somebody else, something may be left to be given back. */
function isUnfinished({ stage, attempt }: RecordedInterval): boolean {
  if (stage === "collecting") return attempt > 0;
  return !isPaid(stage) && stage !== "returned";
}

function byMember(positions: readonly MemberPosition[]): ReadonlyMap<number, MemberPosition> {
  return new Map(positions.map((position) => [position.member, position]));
}

const NO_POSITIONS: ReadonlyMap<number, MemberPosition> = new Map();
