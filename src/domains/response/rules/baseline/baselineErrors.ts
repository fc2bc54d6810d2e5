/** A baseline beside what was used on a day without an event: a placebo day. Wh of the same intervals. */
export type Estimate = { readonly baselineWh: readonly number[]; readonly meteredWh: readonly number[] };

/**
 * How wrong a method is, as shares of what was used.
 *
 * @property bias Σ(baseline − metered) / Σ metered; positive when it promises too much
 * @property rrmse √(mean (baseline − metered)²) / mean metered, over the intervals
 */
export type BaselineErrors = { readonly bias: number; readonly rrmse: number };

/** Errors over placebo days; null where nothing was used, so that nothing can be a share of it. */
export function errorsOf(estimates: readonly Estimate[]): BaselineErrors | null {
  const pairs = estimates.flatMap(({ baselineWh, meteredWh }) =>
    meteredWh.map((metered, i) => [(baselineWh[i] ?? Number.NaN) - metered, metered] as const),
  );
  const metered = pairs.reduce((sum, [, used]) => sum + used, 0);
  if (metered === 0) return null;
  const error = pairs.reduce((sum, [off]) => sum + off, 0);
  const squares = pairs.reduce((sum, [off]) => sum + off ** 2, 0);
  return {
    bias: error / metered,
    rrmse: Math.sqrt(squares / pairs.length) / (metered / pairs.length),
  };
}
