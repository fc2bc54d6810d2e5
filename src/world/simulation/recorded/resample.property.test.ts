import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillGaps } from "./gaps.ts";
import { resampleEnergy, resampleMean, resampleQuality } from "./resample.ts";
import { chargeVehicle } from "./vehicle.ts";

const steps = fc.constantFrom(60, 300, 420, 900, 1_800, 3_600, 7_200);
const values = fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { minLength: 1, maxLength: 200 });

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

describe("resampling", () => {
  it("conserves energy to the Wh over any stretch, in whole Wh ≥ 0, up and down", () => {
    fc.assert(
      fc.property(values, steps, steps, fc.integer({ min: 0, max: 3_600 }), (drawn, from, to, shift) => {
        const energyWh = Float64Array.from(drawn);
        const endsAt = energyWh.length * from;
        const grid = { startsAt: -shift, stepSeconds: to, length: Math.ceil((endsAt + shift) / to) };
        const result = resampleEnergy({ startsAt: 0, stepSeconds: from, energyWh }, grid);
        for (const valueWh of result) expect(Number.isInteger(valueWh) && valueWh >= 0).toBe(true);
        expect(Math.abs(sum(result) - sum(energyWh))).toBeLessThanOrEqual(0.501);
        let soFar = 0;
        result.forEach((valueWh, index) => {
          soFar += valueWh;
          const until = (grid.startsAt + (index + 1) * to) / from;
          const whole = Math.max(0, Math.min(energyWh.length, Math.floor(until)));
          const exact =
            sum(energyWh.subarray(0, whole)) + Math.max(0, until - whole) * (energyWh[whole] ?? 0);
          expect(Math.abs(soFar - exact)).toBeLessThanOrEqual(0.501);
        });
      }),
    );
  });

  it("splits an hour evenly and adds quarters up", () => {
    const hour = { startsAt: 0, stepSeconds: 3_600, energyWh: Float64Array.of(400) };
    expect([...resampleEnergy(hour, { startsAt: 0, stepSeconds: 900, length: 4 })]).toEqual([
      100, 100, 100, 100,
    ]);
    const quarters = { startsAt: 0, stepSeconds: 900, energyWh: Float64Array.of(1, 2, 3, 4) };
    expect([...resampleEnergy(quarters, { startsAt: 0, stepSeconds: 1_800, length: 2 })]).toEqual([3, 7]);
  });

  it("gives 10 Wh over an hour to quarters without losing any", () => {
    const hour = { startsAt: 0, stepSeconds: 3_600, energyWh: Float64Array.of(10) };
    expect(sum(resampleEnergy(hour, { startsAt: 0, stepSeconds: 900, length: 4 }))).toBe(10);
  });

  it("weighs prices by time and knows where it has none", () => {
    const prices = { startsAt: 0, stepSeconds: 300, values: Float64Array.of(30, 60, 90) };
    const means = resampleMean(prices, { startsAt: 0, stepSeconds: 900, length: 2 });
    expect(means[0]).toBe(60);
    expect(means[1]).toBeNaN();
  });

  it("carries the worst origin over", () => {
    const source = { startsAt: 0, stepSeconds: 900, quality: Uint8Array.of(0, 1, 2, 0) };
    expect([...resampleQuality(source, { startsAt: 0, stepSeconds: 1_800, length: 2 })]).toEqual([1, 2]);
    expect([...resampleQuality(source, { startsAt: 0, stepSeconds: 450, length: 4 })]).toEqual([0, 0, 1, 1]);
  });
});

describe("gaps", () => {
  const gap = Number.NaN;

  it("of up to two hours are bridged by a straight line and marked", () => {
    const filled = fillGaps(Float64Array.of(100, gap, gap, 400), { stepSeconds: 3_600, longestMinutes: 120 });
    expect([...filled.values]).toEqual([100, 200, 300, 400]);
    expect([...filled.quality]).toEqual([0, 1, 1, 0]);
    expect([filled.estimated, filled.substituted]).toEqual([2, 0]);
  });

  it("longer ones take the day before, or the day after where there is none", () => {
    const day = (from: number) => Array.from({ length: 24 }, (_, hour) => from + hour);
    const before = Float64Array.from(
      [...day(100), ...day(500)].map((value, hour) => (hour >= 30 && hour < 34 ? gap : value)),
    );
    const filled = fillGaps(before, { stepSeconds: 3_600, longestMinutes: 120 });
    expect([...filled.values.subarray(30, 34)]).toEqual([106, 107, 108, 109]);
    expect(filled.substituted).toBe(4);
    const after = Float64Array.from(
      [...day(100), ...day(500)].map((value, hour) => (hour >= 3 && hour < 9 ? gap : value)),
    );
    expect(fillGaps(after, { stepSeconds: 3_600, longestMinutes: 120 }).values[3]).toBe(503);
  });

  it("of several days repeat the last day that is known", () => {
    const known = Array.from({ length: 24 }, (_, hour) => hour);
    const filled = fillGaps(Float64Array.from([...known, ...Array(48).fill(gap), ...known]), {
      stepSeconds: 3_600,
      longestMinutes: 120,
    });
    expect([...filled.values.subarray(48, 72)]).toEqual(known);
  });
});

describe("a recorded vehicle", () => {
  it("charges what its trips used, at the charger's power, while it is there", () => {
    const chargedWh = chargeVehicle({
      consumedWh: Float64Array.of(0, 5_000, 0, 0, 0),
      isAvailable: Float64Array.of(1, 1, 0, 1, 1),
      stepSeconds: 900,
      chargerW: 8_000,
    });
    expect([...chargedWh]).toEqual([0, 2_000, 0, 2_000, 1_000]);
  });
});
