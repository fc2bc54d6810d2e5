import type { z } from "zod";
import { type AreaView, listAreas } from "#domains/pool/queries/areas.ts";
import { type PeriodSums, sumIntervals } from "#domains/pool/queries/periods.ts";
import { periodsOfIntervalsQuery, periodsOfIntervalsWire } from "#domains/pool/wire.ts";
import { endsAt, intervalAt } from "#kernel/units/interval.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import { periodEnd, periodStart, periodStarts, TooManyPeriodsError } from "#kernel/units/localPeriods.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { orNull } from "#platform/api/decimalText.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { requireArea } from "./areas.ts";
import type { PoolContext } from "./poolContext.ts";

/** A week of quarter-hours, a month of hours or two years of days: what a chart can show and one answer holds. */
const MAX_PERIODS = 800;

type Query = z.infer<typeof periodsOfIntervalsQuery>;
type Bounds = { readonly from: number; readonly to: number };

/** What was cleared, and at which prices, by intervals, hours or days: for charts from hours to years. */
export function addPeriodsOfIntervals(app: Api, context: PoolContext): void {
  const clock = createLocalClock(context.timeZone);
  const summary = "What was cleared and at which prices, by intervals, hours or days, the oldest first";
  app.get(
    "/v1/intervals/periods",
    {
      schema: {
        querystring: periodsOfIntervalsQuery,
        ...describeRoute("intervals", summary, { body: periodsOfIntervalsWire }),
      },
    },
    async ({ query }) => {
      const { db } = context.store;
      const areas =
        query.areaId === undefined ? await listAreas(db) : [await requireArea(context, query.areaId)];
      const lengths = areas.map(({ intervalSeconds }) => intervalSeconds);
      if (lengths.length === 0 || query.to <= query.from) return { of: query.of, periods: [] };
      const { starts, to } = wholePeriods(clock, query, Math.min(...lengths));
      const sums = await sumIntervals(db, { areaId: query.areaId, starts, to });
      const [area = null] = query.areaId === undefined ? [] : areas;
      return {
        of: query.of,
        periods: sums.map((sum) => {
          const from = starts[sum.period] ?? to;
          return periodBody(context, area, { ...sum, from, to: starts[sum.period + 1] ?? to });
        }),
      };
    },
  );
}

/** The periods that a time touches, each whole; intervals are those of the shortest length that an area has. */
function wholePeriods(clock: LocalClock, { from, to, of }: Query, intervalSeconds: number) {
  if (of !== "interval") {
    const whole = { from: Math.max(0, periodStart(clock, from, of)), to: periodEnd(clock, to - 1, of) };
    return { starts: periodStarts(clock, { ...whole, of, most: MAX_PERIODS }), to: whole.to };
  }
  const [first, last] = [intervalAt(from, intervalSeconds), intervalAt(to - 1, intervalSeconds)];
  const count = last - first + 1;
  if (count > MAX_PERIODS) throw new TooManyPeriodsError(MAX_PERIODS, of);
  const starts = Array.from({ length: count }, (_, i) => (first + i) * intervalSeconds);
  return { starts, to: endsAt(last, intervalSeconds) };
}

function periodBody(
  context: Pick<PoolContext, "tariffOf">,
  area: AreaView | null,
  { from, to, ...sum }: PeriodSums & Bounds,
): z.infer<typeof periodsOfIntervalsWire>["periods"][number] {
  const tariff = area ? meanTariff(context, area, { from, to }) : null;
  return {
    from,
    to,
    intervals: sum.intervals,
    tradedIntervals: sum.tradedIntervals,
    clearedWh: String(sum.clearedWh),
    orders: sum.orders,
    trades: sum.trades,
    priceMicroPerKwh: orNull(sum.meanMicroPerKwh),
    lowestMicroPerKwh: orNull(sum.lowestMicroPerKwh),
    highestMicroPerKwh: orNull(sum.highestMicroPerKwh),
    feedInMicroPerKwh: orNull(tariff?.feedInMicroPerKwh ?? null),
    retailMicroPerKwh: orNull(tariff?.retailMicroPerKwh ?? null),
  };
}

/** Means over the intervals that begin in a period, to the nearest micro per kWh; null where no tariff is known. */
function meanTariff(
  { tariffOf }: Pick<PoolContext, "tariffOf">,
  { areaId, intervalSeconds }: AreaView,
  { from, to }: Bounds,
) {
  let [feedIn, retail, count] = [0, 0, 0];
  for (let id = Math.ceil(from / intervalSeconds); id * intervalSeconds < to; id += 1) {
    const tariff = tariffOf(areaId, id);
    if (tariff === null) continue;
    feedIn += tariff.feedInMicroPerKwh;
    retail += tariff.retailMicroPerKwh;
    count += 1;
  }
  if (count === 0) return null;
  return { feedInMicroPerKwh: Math.round(feedIn / count), retailMicroPerKwh: Math.round(retail / count) };
}
