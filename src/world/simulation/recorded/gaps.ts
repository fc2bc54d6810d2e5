const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_DAY = 86_400;

/** Codes of {@link SERIES_QUALITIES}. */
const ESTIMATED = 1;
const SUBSTITUTED = 2;

/** A series without gaps; `quality` says which values are not measured. */
export type FilledSeries = {
  readonly values: Float64Array;
  readonly quality: Uint8Array;
  readonly estimated: number;
  readonly substituted: number;
};

/**
 * Fills the gaps (NaN) of a series: up to `longestMinutes` by a straight line between the neighbours, longer ones with
 * the same time of the day before, or of the day after where there is none (`docs/recorded-data.md`, "Gaps").
 * A gap at either end takes its one neighbour; a series without any value becomes zeros.
 */
export function fillGaps(
  values: Float64Array,
  { stepSeconds, longestMinutes }: { stepSeconds: number; longestMinutes: number },
): FilledSeries {
  const filled = values.slice();
  const quality = new Uint8Array(values.length);
  const perDay = Math.max(1, Math.round(SECONDS_PER_DAY / stepSeconds));
  const longest = Math.floor((longestMinutes * SECONDS_PER_MINUTE) / stepSeconds);
  for (const [from, until] of findGaps(values)) {
    const isShort = until - from <= longest;
    for (let index = from; index < until; index += 1) {
      const before = filled[index - perDay];
      const after = values[index + perDay];
      const sameTime = isKnown(before) ? before : isKnown(after) ? after : null;
      filled[index] = isShort || sameTime === null ? onLine(values, from, until, index) : sameTime;
      quality[index] = isShort ? ESTIMATED : SUBSTITUTED;
    }
  }
  return {
    values: filled,
    quality,
    estimated: count(quality, ESTIMATED),
    substituted: count(quality, SUBSTITUTED),
  };
}

function findGaps(values: Float64Array): readonly (readonly [number, number])[] {
  const gaps: [number, number][] = [];
  for (let index = 0; index < values.length; index += 1) {
    if (!Number.isNaN(values[index])) continue;
    const from = index;
    while (index < values.length && Number.isNaN(values[index])) index += 1;
    gaps.push([from, index]);
  }
  return gaps;
}

function onLine(values: Float64Array, from: number, until: number, index: number): number {
  const before = values[from - 1];
  const after = values[until];
  if (!isKnown(before)) return isKnown(after) ? after : 0;
  if (!isKnown(after)) return before;
  return before + ((after - before) * (index - from + 1)) / (until - from + 1);
}

function isKnown(value: number | undefined): value is number {
  return value !== undefined && !Number.isNaN(value);
}

function count(quality: Uint8Array, code: number): number {
  return quality.reduce((sum, value) => sum + (value === code ? 1 : 0), 0);
}
