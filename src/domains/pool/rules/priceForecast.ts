import { divideRoundingDown } from "#kernel/units/rounding.ts";

/** What a forecast of a price rests on. */
export type PriceForecast =
  | { readonly basis: "sameTime"; readonly priceMicroPerKwh: bigint; readonly days: number }
  | { readonly basis: "newest"; readonly priceMicroPerKwh: bigint }
  | { readonly basis: "none" };

/**
 * Expects the mean of the prices that the same time of day showed on earlier days, rounded to a whole micro per kWh, and
 * the newest price as long as there is no earlier day (`docs/model/forecast.md`, equation 5; R2.50).
 */
export function forecastPrice({
  sameTime,
  newest,
}: {
  /** Prices of the same time on earlier days, micro per kWh. */
  sameTime: readonly bigint[];
  newest: bigint | null;
}): PriceForecast {
  if (sameTime.length > 0) {
    const sum = sameTime.reduce((total, price) => total + price, 0n);
    const days = BigInt(sameTime.length);
    return { basis: "sameTime", priceMicroPerKwh: divideRoundingHalfUp(sum, days), days: sameTime.length };
  }
  return newest === null ? { basis: "none" } : { basis: "newest", priceMicroPerKwh: newest };
}

function divideRoundingHalfUp(sum: bigint, count: bigint): bigint {
  return divideRoundingDown(2n * sum + count, 2n * count);
}
