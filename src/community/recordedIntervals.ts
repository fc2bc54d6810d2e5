import { listPastIntervals } from "#domains/pool/queries/replay.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
import type { Database } from "#platform/store/openStore.ts";
import type { RecordedInterval, RecordedStatus } from "./resumeCommunity.ts";

/** Intervals read at once. */
const PAGE = 500;

const STATUS_OF_STAGE = {
  clearing: "interrupted",
  cleared: "open",
  settling: "open",
  untraded: "settled",
  settled: "settled",
  voiding: "interrupted",
  voided: "voided",
} as const satisfies Record<Exclude<Stage, "collecting">, RecordedStatus>;

/** Cleared intervals of the database in order, for a community that goes on. */
export async function* recordedIntervals(
  db: Database,
  { areaId, firstIntervalId }: { areaId: number; firstIntervalId: number },
): AsyncGenerator<RecordedInterval> {
  for (let from = firstIntervalId; ; ) {
    const page = await listPastIntervals(db, { areaId, firstIntervalId: from, limit: PAGE });
    for (const past of page) {
      if (past.stage !== "collecting") yield { ...past, status: STATUS_OF_STAGE[past.stage] };
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    from = last.intervalId + 1;
  }
}
