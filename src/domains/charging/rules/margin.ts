/**
 * What a transformer has left for charging in a period, in W: its rating less the conventional load that is forecast and less
 * the reserve that the DSO sets against the forecast's error; never below zero (R9.4).
 */
export function marginW({
  ratingW,
  forecastW,
  reserveW,
}: {
  readonly ratingW: number;
  readonly forecastW: number;
  readonly reserveW: number;
}): number {
  return Math.max(0, ratingW - forecastW - reserveW);
}
