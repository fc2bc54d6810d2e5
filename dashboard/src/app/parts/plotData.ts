import type { Picture } from "./picture.ts";

/**
 * Times and values as columns. What holds for a while, a step or a bar, is as wide as its time: the last one up to where
 * the next would begin, and a step before a gap up to the gap.
 */
export function plotColumns({ times, series }: Pick<Picture, "times" | "series">): {
  times: number[];
  values: (number | null)[][];
} {
  const hasWidth = series.some(({ form }) => form === "step" || form === "bars");
  const [last, before] = [times.at(-1), times.at(-2)];
  const end = hasWidth && last !== undefined && before !== undefined ? [2 * last - before] : [];
  return {
    times: [...times, ...end],
    values: series.map(({ values, form }) => {
      const column = [...values, ...end.map(() => null)];
      return form === "step" ? column.map((value, i) => value ?? column[i - 1] ?? null) : column;
    }),
  };
}
