import { expect, it } from "vitest";
import { plotColumns } from "./plotData.ts";

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
