import type { z } from "zod";
import { conventionalPowerOf } from "#domains/charging/queries/meteredPower.ts";
import { listQuotaPeriods, type QuotaPeriodView } from "#domains/charging/queries/quotaPeriods.ts";
import { FORECAST_ERROR_DAYS, forecastLoad, periodLoads } from "#domains/charging/rules/loadForecast.ts";
import { loadForecastWire } from "#domains/charging/wire.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";

/** The reserve that is suggested covers 19 of 20 periods. */
const QUANTILE_PERMILLE = 950;
const DAY_SECONDS = 86_400;

/** How well the conventional load can be foretold from its meter, beside what the grid operator says (R9.4). */
export function addLoadForecast(app: Api, context: ApiContext): void {
  app.get(
    "/v1/areas/:areaId/load-forecast",
    {
      schema: {
        params: areaParams,
        ...describeRoute("charging", "Forecast of the conventional load by its meter, with its error", {
          body: loadForecastWire,
        }),
      },
    },
    async ({ params: { areaId } }) => {
      const [newest] = await listQuotaPeriods(context.store.db, { areaId, limit: 1 });
      if (!newest) throw new NotFoundError(`a period of charging quotas in area ${areaId}`);
      return forecastBody(context, newest);
    },
  );
}

/** Of a period, by what was read when it opened. */
async function forecastBody(
  { store, timeZone }: ApiContext,
  { areaId, period, intervalId, intervals, startsAt, endsAt, forecastW, reserveW }: QuotaPeriodView,
): Promise<z.infer<typeof loadForecastWire>> {
  const periodSeconds = endsAt - startsAt;
  const intervalSeconds = periodSeconds / intervals;
  const first = Math.max(0, intervalId - (FORECAST_ERROR_DAYS * DAY_SECONDS) / intervalSeconds);
  const powerW = await conventionalPowerOf(store.db, { areaId, first, last: intervalId - intervals - 1 });
  const forecast = forecastLoad(
    {
      past: periodLoads(powerW, { periodSeconds, intervalSeconds }),
      periodSeconds,
      offsetAt: createLocalClock(timeZone).offsetAt,
    },
    { startsAt, quantilePermille: QUANTILE_PERMILLE },
  );
  return {
    period,
    saidForecastW: forecastW,
    saidReserveW: reserveW,
    meterForecastW: forecast?.forecastW ?? null,
    error: forecast?.error ? { ...forecast.error, quantileW: Math.ceil(forecast.error.quantileW) } : null,
    quantilePermille: QUANTILE_PERMILLE,
    suggestedReserveW: forecast?.suggestedReserveW ?? null,
  };
}
