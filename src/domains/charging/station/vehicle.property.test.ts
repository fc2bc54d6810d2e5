import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargeVehicle, MINIMUM_CURRENT_A, offerW, takeW, type Vehicle, VOLTAGE_V } from "./vehicle.ts";

const phases = fc.constantFrom(1 as const, 3 as const);
const vehicle: fc.Arbitrary<Vehicle> = fc
  .record({
    capacityWh: fc.integer({ min: 20_000, max: 100_000 }),
    charge: fc.double({ min: 0, max: 1, noNaN: true }),
    maxPowerW: fc.integer({ min: 3_000, max: 22_000 }),
    phases,
  })
  .map(({ charge, ...rest }) => ({
    ...rest,
    storedWh: rest.capacityWh * charge,
    stopsAtWh: rest.capacityWh,
  }));

describe("a vehicle at a station", () => {
  it("is offered nothing, or at least 6 A a phase, and never more than the limit", () => {
    fc.assert(
      fc.property(fc.nat(50_000), phases, fc.integer({ min: 6, max: 64 }), (limitW, count, mostA) => {
        const offered = offerW(limitW, { phases: count, mostA });
        expect(offered).toBeLessThanOrEqual(limitW);
        expect(offered).toBeLessThanOrEqual(mostA * count * VOLTAGE_V);
        expect(offered === 0 || offered >= MINIMUM_CURRENT_A * count * VOLTAGE_V).toBe(true);
      }),
    );
  });

  it("takes less and less above 80 %, and nothing when it is full", () => {
    const full: Vehicle = {
      capacityWh: 50_000,
      storedWh: 50_000,
      stopsAtWh: 50_000,
      maxPowerW: 11_000,
      phases: 3,
    };
    const at = (charge: number) => takeW({ ...full, storedWh: charge * 50_000 }, 22_000);
    expect([at(0), at(0.8)]).toEqual([11_000, 11_000]);
    expect(at(0.9)).toBeCloseTo(11_000 * 0.525, 6);
    expect(at(1)).toBe(0);
    expect(takeW({ ...full, storedWh: 0 }, 4_140)).toBe(4_140);
  });

  it("stores no more than the meter counts, nor than it has room for, at no more power than offered", () => {
    fc.assert(
      fc.property(
        vehicle,
        fc.nat(22_000),
        fc.integer({ min: 1, max: 7_200 }),
        (before, offeredW, seconds) => {
          const { vehicle: after, energyWh } = chargeVehicle(before, { offeredW, seconds });
          expect(after.storedWh).toBeGreaterThanOrEqual(before.storedWh);
          expect(after.storedWh).toBeLessThanOrEqual(before.capacityWh);
          expect(after.storedWh - before.storedWh).toBeLessThanOrEqual(energyWh + 1e-6);
          expect(energyWh).toBeLessThanOrEqual(
            (Math.min(offeredW, before.maxPowerW) * seconds) / 3_600 + 1e-6,
          );
        },
      ),
    );
  });
});
