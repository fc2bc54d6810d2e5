import type { z } from "zod";
import { type GridSpan, type GridSteps, readGridColumns } from "#domains/grid/queries/exchange.ts";
import { type GridStep, gridSeriesQuery, gridSeriesWire } from "#domains/grid/wire.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { periodStarts } from "#kernel/units/localPeriods.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import { MOST_DAYS, requireSpan } from "./gridSpan.ts";

const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
/** A longer time is put together by hours unless another step is asked for: a chart has no room for more. */
const MOST_DAYS_BY_INTERVAL = 32;

/** What an area exchanged with the grid over a time, for charts. */
export function addGridSeries(app: Api, context: ApiContext): void {
  const summary = "Exchange of an area with the grid, step by step: each interval, hour, day or month";
  app.get(
    "/v1/areas/:areaId/grid/series",
    {
      schema: {
        params: areaParams,
        querystring: gridSeriesQuery,
        ...describeRoute("grid", summary, { body: gridSeriesWire }),
      },
    },
    async ({ params, query }): Promise<z.infer<typeof gridSeriesWire>> => {
      const { span, area } = await requireSpan(context, { ...params, ...query });
      const by = query.by ?? stepFor(span);
      const { intervalSeconds } = area;
      const steps = stepsOf(span, { by, intervalSeconds, timeZone: context.timeZone });
      const columns = await readGridColumns(context.store.db, span, steps);
      return {
        areaId: span.areaId,
        intervalSeconds,
        by,
        startsAt: [...columns.startsAt],
        gridImportWh: [...columns.gridImportWh],
        gridExportWh: [...columns.gridExportWh],
        peakImportWh: [...columns.peakImportWh],
        peakExportWh: [...columns.peakExportWh],
        gridFeeMicro: [...columns.gridFeeMicro],
      };
    },
  );
}

function stepFor({ from, to }: GridSpan): GridStep {
  return to - from > MOST_DAYS_BY_INTERVAL * SECONDS_PER_DAY ? "hour" : "interval";
}

function stepsOf(
  span: GridSpan,
  {
    by,
    intervalSeconds,
    timeZone,
  }: { readonly by: GridStep; readonly intervalSeconds: number; readonly timeZone: string },
): GridSteps {
  if (by === "interval") return { stepSeconds: intervalSeconds };
  if (by === "hour") return { stepSeconds: Math.max(SECONDS_PER_HOUR, intervalSeconds) };
  // An empty span has no step; the database wants one.
  const starts = periodStarts(createLocalClock(timeZone), { ...span, of: by, most: MOST_DAYS });
  return { starts: starts.length > 0 ? starts : [span.from] };
}
