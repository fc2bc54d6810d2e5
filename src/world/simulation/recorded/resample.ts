/** Energy (Wh) on a regular grid; value `i` belongs to `[startsAt + i · step, startsAt + (i + 1) · step)`. */
export type GriddedEnergy = {
  readonly startsAt: number;
  readonly stepSeconds: number;
  readonly energyWh: Float64Array;
};

/** The grid that is wanted. */
export type Grid = { readonly startsAt: number; readonly stepSeconds: number; readonly length: number };

/** Differences of sums of floats reach this far below a whole number; well below half a Wh. */
const SUM_NOISE_WH = 1e-6;

/**
 * Energy on another grid, whole Wh. Energy is spread evenly within its own interval; sums are rounded, not values, so
 * that over any stretch the result is within one Wh of the source and no rounding error adds up. Outside the source
 * there is no energy.
 */
export function resampleEnergy(source: GriddedEnergy, grid: Grid): Float64Array {
  const total = cumulate(source.energyWh);
  const whole = (instant: number) => Math.round(totalUntil(total, source, instant) + SUM_NOISE_WH);
  const result = new Float64Array(grid.length);
  let before = whole(grid.startsAt);
  for (let index = 0; index < grid.length; index += 1) {
    const until = whole(grid.startsAt + (index + 1) * grid.stepSeconds);
    result[index] = until - before;
    before = until;
  }
  return result;
}

/** Time-weighted means on another grid, of values that hold for their interval; NaN where the source has none. */
export function resampleMean(
  source: Omit<GriddedEnergy, "energyWh"> & { readonly values: Float64Array },
  grid: Grid,
): Float64Array {
  const total = cumulate(source.values);
  const end = source.startsAt + source.values.length * source.stepSeconds;
  return Float64Array.from({ length: grid.length }, (_, index) => {
    const from = Math.max(source.startsAt, grid.startsAt + index * grid.stepSeconds);
    const until = Math.min(end, grid.startsAt + (index + 1) * grid.stepSeconds);
    if (until <= from) return Number.NaN;
    const steps = (until - from) / source.stepSeconds;
    return (totalUntil(total, source, until) - totalUntil(total, source, from)) / steps;
  });
}

/** The worst quality code of the source's intervals that an interval of the grid touches. */
export function resampleQuality(
  source: Omit<GriddedEnergy, "energyWh"> & { readonly quality: Uint8Array },
  grid: Grid,
): Uint8Array {
  return Uint8Array.from({ length: grid.length }, (_, index) => {
    const from = grid.startsAt + index * grid.stepSeconds - source.startsAt;
    const first = Math.max(0, Math.floor(from / source.stepSeconds));
    const end = Math.min(source.quality.length, Math.ceil((from + grid.stepSeconds) / source.stepSeconds));
    let worst = 0;
    for (let slot = first; slot < end; slot += 1) worst = Math.max(worst, source.quality[slot] as number);
    return worst;
  });
}

function cumulate(values: Float64Array): Float64Array {
  const total = new Float64Array(values.length + 1);
  for (let index = 0; index < values.length; index += 1)
    total[index + 1] = (total[index] as number) + (values[index] as number);
  return total;
}

function totalUntil(
  total: Float64Array,
  { startsAt, stepSeconds }: Omit<GriddedEnergy, "energyWh">,
  instant: number,
): number {
  const steps = Math.min(Math.max(0, (instant - startsAt) / stepSeconds), total.length - 1);
  const whole = Math.floor(steps);
  const before = total[whole] as number;
  return whole === steps ? before : before + (steps - whole) * ((total[whole + 1] as number) - before);
}
