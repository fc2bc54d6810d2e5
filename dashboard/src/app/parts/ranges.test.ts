import { expect, it } from "vitest";
import { boundsOf, RANGES } from "./ranges.ts";

const NOW = 1_700_000_123;
const MOST_POINTS = 800;
const SECONDS = { hour: 3_600, day: 86_400 };

it.each([
  [300, ["interval", "interval", "interval", "hour", "hour", "day"]],
  [900, ["interval", "interval", "interval", "interval", "hour", "day"]],
  [3_600, ["interval", "interval", "interval", "interval", "interval", "day"]],
])("shows as many points as fit, with intervals of %i seconds", (intervalSeconds, resolutions) => {
  expect(RANGES.map(({ seconds }) => boundsOf({ seconds, intervalSeconds, now: NOW }).of)).toEqual(
    resolutions,
  );
});

it.each(RANGES)("reaches back a whole $name, to the end of the interval that runs", ({ seconds }) => {
  for (const intervalSeconds of [60, 300, 900, 1_800, 3_600]) {
    const { from, to, of } = boundsOf({ seconds, intervalSeconds, now: NOW });
    expect(to - from).toBe(seconds);
    expect(to).toBeGreaterThan(NOW);
    expect(to - NOW).toBeLessThanOrEqual(intervalSeconds);
    expect(seconds / (of === "interval" ? intervalSeconds : SECONDS[of]) + 1).toBeLessThanOrEqual(
      MOST_POINTS + 1,
    );
  }
});

it("stays the same while an interval runs", () => {
  const at = (now: number) => boundsOf({ seconds: 86_400, intervalSeconds: 900, now });
  const start = Math.floor(NOW / 900) * 900;
  expect(at(start)).toEqual(at(start + 899));
  expect(at(start + 900).from).toBe(at(start).from + 900);
});
