import { describe, expect, it } from "vitest";
import { createForecaster } from "./sameTimeForecast.ts";

const SLOTS = 4;

function row(loadWh: number, pvWh = 0) {
  return { loadWh: Float64Array.of(loadWh), pvWh: Float64Array.of(pvWh) };
}

function forecastAt(forecaster: ReturnType<typeof createForecaster>, index: number) {
  const into = row(-1, -1);
  forecaster.forecast(index, into);
  return { loadWh: into.loadWh[0]!, pvWh: into.pvWh[0]! };
}

/** A forecaster that has seen `days` days of `loadOf(day)` in every slot. */
function afterDays(days: number, loadOf: (day: number) => number) {
  const forecaster = createForecaster({ homes: 1, slotsPerDay: SLOTS });
  for (let index = 0; index < days * SLOTS; index += 1)
    forecaster.observe(index, row(loadOf(Math.floor(index / SLOTS))));
  return forecaster;
}

describe("the same-time forecast", () => {
  it("repeats the newest reading while no day has passed", () => {
    const forecaster = createForecaster({ homes: 1, slotsPerDay: SLOTS });
    forecaster.observe(0, row(120, 30));
    expect(forecastAt(forecaster, 1)).toEqual({ loadWh: 120, pvWh: 30 });
  });

  it("is the mean of the same time of the days before when nothing deviates", () => {
    expect(
      forecastAt(
        afterDays(3, () => 90),
        3 * SLOTS,
      ).loadWh,
    ).toBe(90);
  });

  it("forgets a day after seven", () => {
    const forecaster = afterDays(10, (day) => (day < 2 ? 7_000 : 100));
    expect(forecastAt(forecaster, 10 * SLOTS).loadWh).toBe(100);
  });

  it("moves load by the newest deviation, less the further away the interval is", () => {
    const forecaster = afterDays(2, () => 100);
    forecaster.observe(2 * SLOTS, row(150));
    expect(forecastAt(forecaster, 2 * SLOTS + 1).loadWh).toBeCloseTo(100 + 0.7 * 50, 9);
    expect(forecastAt(forecaster, 2 * SLOTS + 2).loadWh).toBeCloseTo(100 + 0.49 * 50, 9);
  });

  it("moves generation in proportion and keeps a dull day's ratio through dark intervals", () => {
    const forecaster = createForecaster({ homes: 1, slotsPerDay: SLOTS });
    const day = [0, 200, 400, 0];
    day.forEach((pvWh, slot) => {
      forecaster.observe(slot, row(0, pvWh));
    });
    forecaster.observe(SLOTS, row(0, 0));
    forecaster.observe(SLOTS + 1, row(0, 100));
    expect(forecastAt(forecaster, SLOTS + 2).pvWh).toBeCloseTo(400 * (1 - 0.7 * 0.5), 9);
  });

  it("never expects negative load", () => {
    const forecaster = afterDays(2, (day) => (day === 0 ? 0 : 10));
    forecaster.observe(2 * SLOTS, row(0));
    expect(forecastAt(forecaster, 2 * SLOTS + 1).loadWh).toBeGreaterThanOrEqual(0);
  });
});
