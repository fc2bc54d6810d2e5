import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBatteryBank } from "./batteryBank.ts";
import type { Home } from "./home.ts";

function homeWith(battery: Home["battery"]): Home {
  return {
    id: "a",
    name: "A",
    member: 4,
    connectionW: 17_250,
    battery,
    attitude: { reach: 0.5, adaptation: 0.5, reserveShare: 0.5 },
  };
}

const battery = fc.record({
  capacityWh: fc.integer({ min: 1, max: 50_000 }),
  powerW: fc.integer({ min: 1, max: 20_000 }),
  roundTripEfficiency: fc.double({ min: 0.5, max: 1, noNaN: true }),
  wearMicroPerKwh: fc.constant(0),
  initialWh: fc.constant(0),
});

describe("a battery", () => {
  it("stays between empty and full, moves whole Wh within its power, and never gives more than it took", () => {
    fc.assert(
      fc.property(
        battery,
        fc.array(fc.integer({ min: -8_000, max: 8_000 }), { maxLength: 60 }),
        (described, wishes) => {
          const bank = createBatteryBank([homeWith(described)], 900);
          let inWh = 0;
          let outWh = 0;
          for (const wishWh of wishes) {
            const movedWh = bank.move(0, wishWh);
            expect(Number.isInteger(movedWh)).toBe(true);
            expect(Math.abs(movedWh)).toBeLessThanOrEqual(Math.min(Math.abs(wishWh), described.powerW / 4));
            if (movedWh > 0) inWh += movedWh;
            else outWh -= movedWh;
            expect(bank.storedWh[0]).toBeGreaterThanOrEqual(-1e-9);
            expect(bank.storedWh[0]).toBeLessThanOrEqual(described.capacityWh + 1e-9);
          }
          expect(outWh).toBeLessThanOrEqual(inWh * described.roundTripEfficiency + 1e-6);
        },
      ),
    );
  });

  it("that is not there takes and gives nothing", () => {
    const bank = createBatteryBank([homeWith(null)], 900);
    expect(bank.move(0, 500)).toBe(0);
    expect(bank.move(0, -500)).toBe(-0);
  });
});
