import { expect, it } from "vitest";
import { FRESH_CLOCK, timeOfSample } from "./meterClock.ts";

const T = 1_747_000_000;

function hear(offsets: readonly number[]) {
  let clock = FRESH_CLOCK;
  return offsets.map((offset, i) => {
    const heard = timeOfSample(clock, { saidAt: T + 10 * i, heardAt: T + 10 * i + offset });
    clock = heard.clock;
    return heard;
  });
}

it("a meter's own time counts while it is near ours", () => {
  for (const { at, offBySeconds } of hear([2, 29, 1])) {
    expect(offBySeconds).toBe(0);
    expect((at - T) % 10).toBe(0);
  }
});

it("a clock that is an hour slow is moved, and its steps stay its own", () => {
  const heard = hear([3_600, 3_601, 3_599, 3_600]);
  expect(heard.map(({ at }) => at)).toEqual([T + 3_600, T + 3_610, T + 3_620, T + 3_630]);
  expect(heard.at(-1)!.offBySeconds).toBe(3_600);
});

it("one telegram that was late does not make the clock wrong", () => {
  expect(hear([1, 2, 1, 500, 2]).map(({ offBySeconds }) => offBySeconds)).toEqual([0, 0, 0, 0, 0]);
});

it("a meter without a clock has the time at which it was heard", () => {
  expect(timeOfSample(FRESH_CLOCK, { saidAt: null, heardAt: T })).toMatchObject({ at: T, offBySeconds: 0 });
});
