import type { PeriodOpening } from "#domains/charging/duties.ts";
import type { PeriodId } from "#domains/charging/rules/quotaTerms.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { type DepotScenario, tariffAt } from "#world/stations/depotScenario.ts";

const SECONDS_PER_DAY = 86_400;

/** The conventional load that is expected in a period, mean W. */
export type LoadForecast = (period: PeriodId) => number;

/** What a grid operator says of periods by its forecast: a reserve in proportion to it, and the tariff of the local hour. */
export function createOpenings(
  { terms, timeZone, tariff, reserveShare, cnyMicroPerEther }: DepotScenario,
  forecast: LoadForecast,
): (period: PeriodId) => PeriodOpening {
  const clock = createLocalClock(timeZone);
  return (period) => {
    const begins = startsAt(period, terms.periodSeconds);
    const forecastW = Math.ceil(forecast(period));
    return {
      forecastW,
      reserveW: Math.ceil(forecastW * reserveShare),
      tariffMicroPerKwh: BigInt(tariffAt(tariff, (begins + clock.offsetAt(begins)) % SECONDS_PER_DAY)),
      cnyMicroPerEther,
    };
  };
}
