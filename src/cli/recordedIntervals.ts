import type { RecordedInterval } from "#roles/resumeCommunity.ts";
import type { Database } from "#store/openStore.ts";
import { listPastIntervals } from "#store/queries/replay.ts";

/** Intervals read at once. */
const PAGE = 500;

/** Cleared intervals of the database in order, for a community that goes on. */
export async function* recordedIntervals(
  db: Database,
  { areaId, firstIntervalId }: { areaId: number; firstIntervalId: number },
): AsyncGenerator<RecordedInterval> {
  for (let from = firstIntervalId; ; ) {
    const page = await listPastIntervals(db, { areaId, firstIntervalId: from, limit: PAGE });
    for (const past of page) {
      if (past.stage === "collecting" || past.stage === "clearing") continue;
      yield { ...past, isOpen: past.stage === "cleared", isSettled: past.stage === "settled" };
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    from = last.intervalId + 1;
  }
}
