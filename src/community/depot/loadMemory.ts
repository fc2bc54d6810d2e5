import { FORECAST_DAYS, forecastLoadW, periodLoads } from "#domains/charging/rules/loadForecast.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import { type IntervalId, intervalAt, startsAt } from "#kernel/units/interval.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { createConventionalLoad } from "#world/stations/conventionalLoad.ts";
import type { DepotScenario } from "#world/stations/depotScenario.ts";
import { loadMeter } from "./members.ts";
import type { LoadForecast } from "./openingOf.ts";

const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;

/** What the meter of the conventional load registered, and what it lets expect. */
export type LoadMemory = {
  note(readings: readonly SignedReading[]): void;
  readonly forecast: LoadForecast;
};

/**
 * Remembers the conventional load as its meter registers it, and forecasts by it (R9.4); by the standard shape as long as the
 * meter knows nothing of that time of the day.
 *
 * @param knownW mean powers of before, W, by interval
 */
export function openLoadMemory(
  scenario: DepotScenario,
  knownW: ReadonlyMap<IntervalId, number> = new Map(),
): LoadMemory {
  const { intervalSeconds, timeZone, terms } = scenario;
  const { periodSeconds } = terms;
  const { member } = loadMeter(scenario);
  const { offsetAt } = createLocalClock(timeZone);
  const usual = usualForecast(scenario);
  const powerW = new Map(knownW);
  return {
    note(readings) {
      for (const reading of readings)
        if (reading.member === member)
          powerW.set(reading.intervalId, (reading.importWh * SECONDS_PER_HOUR) / intervalSeconds);
    },
    forecast(period) {
      const begins = startsAt(period, periodSeconds);
      const earliest = intervalAt(begins - FORECAST_DAYS * SECONDS_PER_DAY, intervalSeconds);
      for (const intervalId of powerW.keys()) if (intervalId < earliest) powerW.delete(intervalId);
      const past = periodLoads(powerW, { periodSeconds, intervalSeconds });
      return forecastLoadW({ past, periodSeconds, offsetAt }, begins) ?? usual(period);
    },
  };
}

/** The standard shape. */
function usualForecast(scenario: DepotScenario): LoadForecast {
  const { usualW } = createConventionalLoad(scenario);
  const { periodSeconds } = scenario.terms;
  return (period) =>
    Math.max(...[0, 1].map((half) => usualW(startsAt(period, periodSeconds) + (half * periodSeconds) / 2)));
}
