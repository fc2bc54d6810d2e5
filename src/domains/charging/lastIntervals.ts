import type { ApiContext } from "#platform/api/apiContext.ts";
import type { LastInterval } from "#platform/api/wireStatus.ts";
import { areaWords } from "#platform/api/words.ts";
import { listQuotaAreas, listQuotaPeriods } from "./queries/quotaPeriods.ts";

/** The newest period of each area with quotas, by its first interval, with its stage, which other markets have too. */
export async function lastQuotaPeriods(context: ApiContext): Promise<LastInterval[]> {
  const { db } = context.store;
  const found: LastInterval[] = [];
  for (const areaId of await listQuotaAreas(db)) {
    const [last] = await listQuotaPeriods(db, { areaId, limit: 1 });
    if (last === undefined) continue;
    const { intervalId, startsAt, endsAt, stage } = last;
    const status = `quotas.${stage}`;
    found.push({ areaId, area: areaWords(context, areaId), intervalId, startsAt, endsAt, status });
  }
  return found;
}
