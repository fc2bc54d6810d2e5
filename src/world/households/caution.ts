import type { PriceRange } from "./bidding.ts";

/** Weight of the newest forecast error. */
const ERROR_WEIGHT = 0.1;

/** A forecast's usual miss after one more interval, Wh: the running mean of absolute errors. */
export function learnError(usualErrorWh: number, expectedWh: number, actualWh: number): number {
  return usualErrorWh + ERROR_WEIGHT * (Math.abs(actualWh - expectedWh) - usualErrorWh);
}

/**
 * How far a home trades away from its expectation, in usual errors, −1 … 1. Contracting too much and contracting too
 * little cost differently, so the quantile of the newsvendor is traded instead of the mean (`docs/model/bidding.md`,
 * equations 9–10).
 *
 * @property buying where an unconsumed kWh falls to the lowest and a missing one costs the highest price of the range
 * @property selling where an undelivered kWh costs `shortfallMicroPerKwh` and an unsold one earns the lowest price
 */
export function tradingQuantiles(
  { lowestMicroPerKwh, highestMicroPerKwh }: PriceRange,
  expectedMicroPerKwh: number,
  shortfallMicroPerKwh: number,
): { readonly buying: number; readonly selling: number } {
  const missing = Math.max(0, highestMicroPerKwh - expectedMicroPerKwh);
  const margin = Math.max(0, expectedMicroPerKwh - lowestMicroPerKwh);
  const undelivered = Math.max(0, shortfallMicroPerKwh - expectedMicroPerKwh);
  return { buying: balance(missing, margin), selling: balance(margin, undelivered) };
}

/** 1 when only trading too little costs, −1 when only trading too much does. */
function balance(costOfTooLittle: number, costOfTooMuch: number): number {
  const both = costOfTooLittle + costOfTooMuch;
  return both === 0 ? 0 : (costOfTooLittle - costOfTooMuch) / both;
}

/** The surplus to trade, whole Wh, signed; caution never turns a seller into a buyer or the other way round. */
export function cautiousSurplus(
  expectedWh: number,
  usualErrorWh: number,
  { buying, selling }: { readonly buying: number; readonly selling: number },
): number {
  if (expectedWh > 0) return Math.max(0, Math.round(expectedWh + selling * usualErrorWh));
  return -Math.max(0, Math.round(-expectedWh + buying * usualErrorWh));
}
