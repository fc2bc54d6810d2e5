import { expect, it } from "vitest";
import { indexAt, plotColumns, valueRange } from "./plotData.ts";

const TIMES = [0, 900, 1_800, 2_700];

it("holds a step up to the next gap, and the last one for as long as it lasts", () => {
  const series = [{ label: "Price", color: "local", form: "step" as const, values: [1, null, null, 4] }];
  expect(plotColumns({ times: TIMES, series })).toEqual({
    times: [...TIMES, 3_600],
    values: [[1, 1, null, 4, 4]],
  });
});

it("leaves room for the last bar, and adds nothing to lines and points", () => {
  const bars = { label: "Energy", color: "local", form: "bars" as const, values: [1, 2, null, 4] };
  const points = { label: "Next", color: "local", form: "points" as const, values: [null, null, null, 4] };
  expect(plotColumns({ times: TIMES, series: [bars, points] }).values).toEqual([
    [1, 2, null, 4, null],
    [null, null, null, 4, null],
  ]);
  const line = { label: "Line", color: "local", values: [1, 2, 3, 4] };
  expect(plotColumns({ times: TIMES, series: [line] })).toEqual({ times: TIMES, values: [line.values] });
});

it("draws nothing longer than what is there alone", () => {
  const series = [{ label: "Price", color: "local", form: "step" as const, values: [1] }];
  expect(plotColumns({ times: [0], series })).toEqual({ times: [0], values: [[1]] });
});

it("draws what is alone as wide as its time where that is known", () => {
  const series = [{ label: "Price", color: "local", form: "step" as const, values: [1] }];
  expect(plotColumns({ times: [0], series, stepSeconds: 900 })).toEqual({
    times: [0, 900],
    values: [[1, 1]],
  });
});

it("takes no gap for the usual step where the step is known", () => {
  const series = [{ label: "Price", color: "local", form: "bars" as const, values: [1, 2] }];
  const shown = plotColumns({ times: [0, 3_600], series, stepSeconds: 900 });
  expect(shown).toEqual({ times: [0, 900, 3_600, 4_500], values: [[1, null, 2, null]] });
});

it("shows times that are missing as a gap, for steps and lines alike", () => {
  const step = { label: "Price", color: "local", form: "step" as const, values: [1, 2, 5, 6] };
  const line = { label: "Tariff", color: "grid", values: [7, 7, 8, 8] };
  expect(plotColumns({ times: [0, 900, 4_500, 5_400], series: [step, line] })).toEqual({
    times: [0, 900, 1_800, 4_500, 5_400, 6_300],
    values: [
      [1, 2, 2, 5, 6, 6],
      [7, 7, null, 8, 8, null],
    ],
  });
});

it("takes a day of 23 or 25 hours for no gap", () => {
  const hours = [0, 24, 47, 72, 97, 121].map((hour) => hour * 3_600);
  const series = [{ label: "Energy", color: "local", form: "bars" as const, values: hours.map(() => 1) }];
  expect(plotColumns({ times: hours, series }).times).toEqual([...hours, 145 * 3_600]);
});

it.each([
  [0, 10, [0, 10.6]],
  [2, 10, [0, 10.6]],
  [-10, 5, [-10.6, 5.3]],
  [-10, -5, [-10.6, 0]],
  [0, 0, [0, 1]],
  [null, null, [0, 1]],
])("ranges from zero to the values, %s to %s, with their signs", (least, most, range) => {
  const [from, to] = valueRange(least, most);
  expect(from).toBeCloseTo(range[0] ?? 0, 9);
  expect(to).toBeCloseTo(range[1] ?? 0, 9);
});

it.each([
  [-1, null],
  [0, 0],
  [899, 0],
  [900, 1],
  [1_800, null],
  [3_599, null],
  [3_600, 2],
  [4_499, 2],
  [4_500, null],
])("finds what is shown at %i, and nothing in a gap or outside", (at, index) => {
  expect(indexAt({ times: [0, 900, 3_600], stepSeconds: 900 }, at)).toBe(index);
});
