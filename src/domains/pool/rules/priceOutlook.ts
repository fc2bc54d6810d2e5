import type { IntervalId } from "#kernel/units/interval.ts";
import { divideRoundingDown } from "#kernel/units/rounding.ts";
import { forecastPrice } from "./priceForecast.ts";

/** Earlier days that a forecast looks back on, and over which its error is shown. */
export const OUTLOOK_DAYS = 7;

/** Local prices of cleared intervals, micro per kWh; null where nothing was traded. What is not cleared is not in it. */
export type ShownPrices = ReadonlyMap<IntervalId, bigint | null>;

/**
 * What an interval is expected to cost on the local market.
 *
 * - `cleared`: its own price; `untraded`: it is cleared, and nothing was traded
 * - `sameTime`: the mean of the same time of earlier days; `seldom`: on none of these days anything was traded
 * - `newest`: the newest price, as long as no earlier day is known; `none`: nothing is known
 */
export type ExpectedPrice = {
  readonly intervalId: IntervalId;
  readonly basis: "cleared" | "untraded" | "sameTime" | "seldom" | "newest" | "none";
  /** Micro per kWh; null where no trade is expected. */
  readonly localMicroPerKwh: bigint | null;
};

/** Whether the price of an interval may still become another. */
export function isForecast({ basis }: Pick<ExpectedPrice, "basis">): boolean {
  return basis !== "cleared" && basis !== "untraded";
}

/** How many intervals make a day, and which one runs now. */
type Calendar = { readonly perDay: number; readonly current: IntervalId };

/**
 * Expects the local prices of `count` intervals from `first` on (`docs/model/forecast.md`, equations 5 and 6; R2.50): what is
 * cleared is known; else the mean of the same time on the last seven days before now on which something was traded then.
 */
export function expectPrices(
  shown: ShownPrices,
  { first, count, ...calendar }: Calendar & { readonly first: IntervalId; readonly count: number },
): ExpectedPrice[] {
  const newest = newestPrice(shown);
  return Array.from({ length: count }, (_, i) => {
    const intervalId = first + i;
    const own = shown.get(intervalId);
    if (own !== undefined)
      return { intervalId, basis: own === null ? "untraded" : "cleared", localMicroPerKwh: own };
    return { intervalId, ...expectOne(shown, sameTimes(intervalId, calendar), newest) };
  });
}

/** The same time on the last seven days of which the interval is over or runs. */
export function sameTimes(intervalId: IntervalId, { perDay, current }: Calendar): IntervalId[] {
  const back = Math.max(1, Math.ceil((intervalId - current) / perDay));
  return Array.from({ length: OUTLOOK_DAYS }, (_, day) => intervalId - (back + day) * perDay);
}

function expectOne(
  shown: ShownPrices,
  sameTime: readonly IntervalId[],
  newest: bigint | null,
): Pick<ExpectedPrice, "basis" | "localMicroPerKwh"> {
  const known = sameTime.flatMap((id) => shown.get(id) ?? []);
  if (known.length === 0 && sameTime.some((id) => shown.get(id) === null))
    return { basis: "seldom", localMicroPerKwh: null };
  const forecast = forecastPrice({ sameTime: known, newest });
  return {
    basis: forecast.basis,
    localMicroPerKwh: forecast.basis === "none" ? null : forecast.priceMicroPerKwh,
  };
}

function newestPrice(shown: ShownPrices): bigint | null {
  let newestId = -1;
  let newest: bigint | null = null;
  for (const [id, price] of shown) {
    if (price === null || id <= newestId) continue;
    newestId = id;
    newest = price;
  }
  return newest;
}

/**
 * How far the forecast was off, of intervals that traded and of which a trade was expected.
 *
 * @property intervals whose forecast and price are compared
 * @property meanAbsoluteMicroPerKwh mean of |forecast − price|, rounded half up; null without an interval
 * @property meanMicroPerKwh mean of forecast − price, rounded half up: above 0 where too much was expected
 * @property misjudged intervals in which a trade was expected and there was none, or the other way round
 */
export type ForecastError = {
  readonly intervals: number;
  readonly meanAbsoluteMicroPerKwh: bigint | null;
  readonly meanMicroPerKwh: bigint | null;
  readonly misjudged: number;
};

/** Forecasts each cleared interval of `[from, to)` as it was seen a day ahead, by equation 5 alone, and compares. */
export function forecastError(
  shown: ShownPrices,
  { perDay, from, to }: { readonly perDay: number; readonly from: IntervalId; readonly to: IntervalId },
): ForecastError {
  const sums = { intervals: 0, absolute: 0n, signed: 0n, misjudged: 0 };
  for (let id = from; id < to; id += 1) {
    const price = shown.get(id);
    if (price === undefined) continue;
    const { basis, localMicroPerKwh } = expectOne(shown, sameTimes(id, { perDay, current: id - 1 }), null);
    if (basis === "none") continue;
    if (price === null || localMicroPerKwh === null) {
      if (price !== localMicroPerKwh) sums.misjudged += 1;
      continue;
    }
    const error = localMicroPerKwh - price;
    sums.intervals += 1;
    sums.signed += error;
    sums.absolute += error < 0n ? -error : error;
  }
  const mean = (sum: bigint) => (sums.intervals === 0 ? null : roundHalfUp(sum, BigInt(sums.intervals)));
  return {
    intervals: sums.intervals,
    meanAbsoluteMicroPerKwh: mean(sums.absolute),
    meanMicroPerKwh: mean(sums.signed),
    misjudged: sums.misjudged,
  };
}

/** Energy of an interval, and what of it came from or went to neighbours, Wh. */
export type LocalEnergyOf = ReadonlyMap<IntervalId, { readonly allWh: bigint; readonly localWh: bigint }>;

const PERMILLE = 1_000n;

/** The expected local share of an interval's energy, thousandths: that of the same time of the last seven days together. */
export function expectLocalShare(energy: LocalEnergyOf, intervalId: IntervalId, calendar: Calendar): bigint {
  let allWh = 0n;
  let localWh = 0n;
  for (const id of sameTimes(intervalId, calendar)) {
    const found = energy.get(id);
    if (!found) continue;
    allWh += found.allWh;
    localWh += found.localWh;
  }
  return allWh === 0n ? 0n : divideRoundingDown(localWh * PERMILLE, allWh);
}

/** The price of a kWh of which `sharePermille` is local and the rest the supplier's, micro per kWh, rounded half up. */
export function blendPrice({
  sharePermille,
  localMicroPerKwh,
  supplierMicroPerKwh,
}: {
  readonly sharePermille: bigint;
  readonly localMicroPerKwh: bigint;
  readonly supplierMicroPerKwh: bigint;
}): bigint {
  const local = sharePermille * localMicroPerKwh;
  return roundHalfUp(local + (PERMILLE - sharePermille) * supplierMicroPerKwh, PERMILLE);
}

const HUNDREDTHS_PER_WHOLE = 10_000n;

/** A price with value added tax of so many hundredths of a percent, micro per kWh, rounded half up. */
export function withVat(priceMicroPerKwh: bigint, vatHundredths: number): bigint {
  return roundHalfUp(priceMicroPerKwh * (HUNDREDTHS_PER_WHOLE + BigInt(vatHundredths)), HUNDREDTHS_PER_WHOLE);
}

function roundHalfUp(dividend: bigint, divisor: bigint): bigint {
  return divideRoundingDown(2n * dividend + divisor, 2n * divisor);
}
