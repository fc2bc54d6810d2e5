import type { ApiContext } from "#platform/api/apiContext.ts";
import { dateTimeText } from "#platform/api/localTime.ts";
import type { Hit, Lookup } from "#platform/api/lookup.ts";
import { MAX_INTERVAL } from "#platform/api/wire.ts";
import { areaWords } from "#platform/api/words.ts";
import {
  findQuotaOrder,
  findQuotaPeriod,
  listQuotaAreas,
  type QuotaPeriodView,
} from "./queries/quotaPeriods.ts";

/** Periods by their place, by their number in any area, or by an order of their auction. */
export async function findQuotas(context: ApiContext, lookup: Lookup): Promise<Hit[]> {
  const { db } = context.store;
  if (lookup.form === "hash") {
    const order = await findQuotaOrder(db, lookup.hash);
    const period = order && (await findQuotaPeriod(db, order));
    return period ? [periodHit(context, period)] : [];
  }
  const areaIds =
    lookup.form === "interval" ? [lookup.areaId] : lookup.form === "number" ? await listQuotaAreas(db) : [];
  const number =
    lookup.form === "interval" ? lookup.intervalId : lookup.form === "number" ? lookup.number : 0;
  if (number > MAX_INTERVAL) return [];
  const found = await Promise.all(areaIds.map((areaId) => findQuotaPeriod(db, { areaId, period: number })));
  return found.flatMap((period) => (period ? [periodHit(context, period)] : []));
}

function periodHit(context: ApiContext, { areaId, period, startsAt }: QuotaPeriodView): Hit {
  const title = `charging period ${period} (${dateTimeText(startsAt, context.timeZone)}) of ${areaWords(context, areaId)}`;
  return { kind: "quotaPeriod", id: `${areaId}/${period}`, title };
}
