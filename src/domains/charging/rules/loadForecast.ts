import { assert } from "#kernel/units/assert.ts";
import type { IntervalId } from "#kernel/units/interval.ts";

const DAY_SECONDS = 86_400;
const WEEK_DAYS = 7;
/** Weeks that the mean of the same weekday looks back over. */
const WEEKS = 4;
/** Fewer weeks than that say less than the days just before. */
const LEAST_WEEKS = 2;
/** What is left of the newest deviation two periods later, the soonest that it is known of. */
const PERSISTENCE = 0.5;
/** Days over which the error is measured: four of each weekday. */
const ERROR_DAYS = 28;
/** Days of the past that a forecast comes of, and those that its error comes of. */
export const FORECAST_DAYS = WEEKS * WEEK_DAYS + 1;
export const FORECAST_ERROR_DAYS = ERROR_DAYS + FORECAST_DAYS;
/** Fewer errors than a day of half-hours say nothing of a quantile. */
const LEAST_ERRORS = 48;
/** Thursday was the first day of unix time; Monday is 0. */
const FIRST_WEEKDAY = 3;
const SATURDAY = 5;

/** What a transformer bore in a period beside its charging stations: the highest mean power of an interval in it, W. */
export type PastLoad = { readonly startsAt: number; readonly loadW: number };

export type ForecastOf = {
  readonly past: readonly PastLoad[];
  readonly periodSeconds: number;
  /** Seconds that local time is ahead of UTC at an instant. */
  readonly offsetAt: (unixSeconds: number) => number;
};

/**
 * How wrong such forecasts were.
 *
 * @property count periods that it was measured over
 * @property meanPercent mean of |forecast − load| ÷ load, in % (MAPE), over the periods with a load
 * @property quantileW by so much, or less, loads went above their forecasts in `quantilePermille` of the periods
 */
export type ForecastError = {
  readonly count: number;
  readonly meanPercent: number;
  readonly quantileW: number;
};

/**
 * @property error null where there are too few periods to measure it
 * @property suggestedReserveW what the DSO may keep against the error; the DSO decides. Null without an error
 */
export type LoadForecast = {
  readonly forecastW: number;
  readonly error: ForecastError | null;
  readonly suggestedReserveW: number | null;
};

/**
 * Forecasts the conventional load of a period in W, rounded up, with what is known when quotas of it open: all periods that
 * ended by one period before it begins. The mean of the same time on the same weekday in up to four weeks, else on the days of
 * the same kind in the last seven, else on any of these; moved by half of the newest deviation from such a mean. The error is that of the
 * same rule in the four weeks before (docs/model/charging.md, equations 12–14). Null where nothing of that time is known.
 *
 * @param quantilePermille of the periods that the reserve is to cover
 */
export function forecastLoad(
  of: ForecastOf,
  { startsAt, quantilePermille }: { readonly startsAt: number; readonly quantilePermille: number },
): LoadForecast | null {
  assert(quantilePermille > 0 && quantilePermille < 1_000, `a quantile of ${quantilePermille} ‰`);
  const memory = remember(of);
  const forecast = expectedW(memory, startsAt);
  if (forecast === null) return null;
  const error = measureError(memory, startsAt, quantilePermille);
  return {
    forecastW: Math.ceil(forecast),
    error,
    suggestedReserveW: error && Math.max(0, Math.ceil(error.quantileW)),
  };
}

/** The same forecast without its error. */
export function forecastLoadW(of: ForecastOf, startsAt: number): number | null {
  const forecast = expectedW(remember(of), startsAt);
  return forecast === null ? null : Math.ceil(forecast);
}

/** Loads of the periods of which every interval is known, of mean powers by interval, W. */
export function periodLoads(
  powerW: ReadonlyMap<IntervalId, number>,
  { periodSeconds, intervalSeconds }: { readonly periodSeconds: number; readonly intervalSeconds: number },
): PastLoad[] {
  const highest = new Map<number, { known: number; loadW: number }>();
  for (const [intervalId, w] of powerW) {
    const period = Math.floor((intervalId * intervalSeconds) / periodSeconds);
    const { known, loadW } = highest.get(period) ?? { known: 0, loadW: 0 };
    highest.set(period, { known: known + 1, loadW: Math.max(loadW, w) });
  }
  return [...highest]
    .filter(([, { known }]) => known === periodSeconds / intervalSeconds)
    .map(([period, { loadW }]) => ({ startsAt: period * periodSeconds, loadW }));
}

/** Loads by local time, as if it were UTC. */
type Memory = Omit<ForecastOf, "past"> & { readonly loadsW: ReadonlyMap<number, number> };

function remember({ past, ...rest }: ForecastOf): Memory {
  return {
    ...rest,
    loadsW: new Map(past.map(({ startsAt, loadW }) => [startsAt + rest.offsetAt(startsAt), loadW])),
  };
}

function expectedW(memory: Memory, startsAt: number): number | null {
  const usual = usualW(memory, startsAt + memory.offsetAt(startsAt));
  if (usual === null) return null;
  const newest = startsAt - 2 * memory.periodSeconds;
  const local = newest + memory.offsetAt(newest);
  const [load, usualThen] = [memory.loadsW.get(local), usualW(memory, local)];
  if (load === undefined || usualThen === null) return usual;
  return Math.max(0, usual + PERSISTENCE * (load - usualThen));
}

/** The mean of the same time before. */
function usualW({ loadsW }: Memory, local: number): number | null {
  const on = (daysBefore: readonly number[]) =>
    daysBefore.flatMap((days) => loadsW.get(local - days * DAY_SECONDS) ?? []);
  const weekdays = on(range(WEEKS).map((week) => week * WEEK_DAYS));
  if (weekdays.length >= LEAST_WEEKS) return mean(weekdays);
  const days = range(WEEK_DAYS);
  const alike = on(days.filter((day) => isWorkday(local - day * DAY_SECONDS) === isWorkday(local)));
  return mean(alike) ?? mean(on(days));
}

function measureError(memory: Memory, until: number, quantilePermille: number): ForecastError | null {
  const { periodSeconds, loadsW, offsetAt } = memory;
  const over: number[] = [];
  const parts: number[] = [];
  for (const back of range((ERROR_DAYS * DAY_SECONDS) / periodSeconds)) {
    const startsAt = until - (back + 1) * periodSeconds;
    const load = loadsW.get(startsAt + offsetAt(startsAt));
    const expected = load === undefined ? null : expectedW(memory, startsAt);
    if (load === undefined || expected === null) continue;
    over.push(load - expected);
    if (load > 0) parts.push(Math.abs(expected - load) / load);
  }
  if (over.length < LEAST_ERRORS) return null;
  return {
    count: over.length,
    meanPercent: 100 * (mean(parts) ?? 0),
    quantileW: quantile(over, quantilePermille),
  };
}

/** The least value that so many of 1,000 do not exceed. */
function quantile(values: readonly number[], permille: number): number {
  const rising = [...values].sort((one, other) => one - other);
  return rising[Math.ceil((rising.length * permille) / 1_000) - 1] ?? 0;
}

function isWorkday(local: number): boolean {
  return (Math.floor(local / DAY_SECONDS) + FIRST_WEEKDAY) % WEEK_DAYS < SATURDAY;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** 1 … count. */
function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
