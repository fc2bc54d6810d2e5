import type { LastInterval } from "#platform/api/wireStatus.ts";
import { areaWords } from "#platform/api/words.ts";
import { listAreas } from "./queries/areas.ts";
import { listIntervals } from "./queries/intervals.ts";
import type { PoolContext } from "./routes/poolContext.ts";

/** The newest interval of each area that the chain knows, with its stage. */
export async function lastPoolIntervals(context: PoolContext): Promise<LastInterval[]> {
  const { db } = context.store;
  const found: LastInterval[] = [];
  for (const { areaId } of await listAreas(db)) {
    const [last] = await listIntervals(db, { areaId, limit: 1 });
    if (last === undefined) continue;
    const { intervalId, startsAt, endsAt, stage } = last;
    found.push({ areaId, area: areaWords(context, areaId), intervalId, startsAt, endsAt, status: stage });
  }
  return found;
}
