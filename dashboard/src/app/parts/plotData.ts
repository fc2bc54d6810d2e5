import type { Picture } from "./picture.ts";

type Columns = { times: number[]; values: (number | null)[][] };

/**
 * Times and values as columns. Where times are missing there is a gap. What holds for a while, a step or a bar, is as
 * wide as its time: the last one up to where the next would begin, and a step before a gap up to the gap.
 */
export function plotColumns({
  times,
  series,
  stepSeconds: step = usualStep(times),
}: Pick<Picture, "times" | "series" | "stepSeconds">): Columns {
  const hasWidth = series.some(({ form }) => form === "step" || form === "bars");
  const columns = series.map(({ values }) => values);
  const whole = withGaps(times, columns, step);
  const last = times.at(-1);
  const end = hasWidth && last !== undefined && step > 0 ? [last + step] : [];
  return {
    times: [...whole.times, ...end],
    values: series.map(({ form }, i) => {
      const column = [...(whole.values[i] ?? []), ...end.map(() => null)];
      return form === "step" ? column.map((value, at) => value ?? column[at - 1] ?? null) : column;
    }),
  };
}

/** The index of the time that holds `at`, which lasts up to the next; null in a gap and outside. */
export function indexAt(
  { times, stepSeconds: step = usualStep(times) }: Pick<Picture, "times" | "stepSeconds">,
  at: number,
): number | null {
  const index = times.findLastIndex((time) => time <= at);
  const [time, next] = [times[index], times[index + 1]];
  if (time === undefined) return null;
  return next !== undefined && next - time <= GAP_STEPS * step ? index : at < time + step ? index : null;
}

/** From zero to the values, with room beyond the outermost on each side of zero; something where there are none. */
export function valueRange(least: number | null, most: number | null): [number, number] {
  const [low, high] = [Math.min(0, least ?? 0), Math.max(0, most ?? 0)];
  return low === high ? [0, 1] : [low * HEADROOM, high * HEADROOM];
}

const HEADROOM = 1.06;

/** A day is an hour shorter or longer twice a year: only what is well beyond the usual step is a gap. */
const GAP_STEPS = 1.5;

/** A time with nothing after each that the next does not follow as usual. */
function withGaps(
  times: readonly number[],
  values: readonly (readonly (number | null)[])[],
  step: number,
): Columns {
  const whole: Columns = { times: [], values: values.map(() => []) };
  const add = (time: number, pick: (column: readonly (number | null)[]) => number | null) => {
    whole.times.push(time);
    for (const [i, column] of values.entries()) whole.values[i]?.push(pick(column));
  };
  for (const [i, time] of times.entries()) {
    const before = times[i - 1];
    if (before !== undefined && time - before > GAP_STEPS * step) add(before + step, () => null);
    add(time, (column) => column[i] ?? null);
  }
  return whole;
}

/** The middle one of all distances between neighbours; 0 with less than two times. */
function usualStep(times: readonly number[]): number {
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}
