import fc from "fast-check";
import { expect, it } from "vitest";
import { deliverTrades, type PlacedVehicle } from "./vehiclePower.ts";

const SITE = { phaseLimitW: 7_360, intervalSeconds: 900 };
const onePhase = (vehicle: number, offeredW: number, phase: 0 | 1 | 2): PlacedVehicle => ({
  ...{ vehicle, offeredW, mostW: 7_360, mostDischargeW: 3_680, phases: [phase] },
});

it("gives from one vehicle to another what a trade says, beside what both are offered (R9.24)", () => {
  const vehicles = [onePhase(1, 0, 0), onePhase(2, 2_000, 0)];
  const { powerW, deliveredWh } = deliverTrades(vehicles, [{ buyer: 2, seller: 1, energyWh: 500 }], SITE);
  expect([...powerW.values()]).toEqual([-2_000, 4_000]);
  expect(deliveredWh).toEqual([500]);
});

it("delivers no more than limits of vehicles and phases leave (R9.24)", () => {
  const full = { ...onePhase(3, 6_000, 1), mostW: 1_380 };
  const vehicles = [onePhase(1, 0, 0), onePhase(2, 1_000, 1), full];
  const trades = [
    { buyer: 2, seller: 1, energyWh: 900 },
    { buyer: 2, seller: 1, energyWh: 900 },
  ];
  // 7,000 of 7,360 W are on the buyer's phase.
  expect(deliverTrades(vehicles, trades, SITE).deliveredWh).toEqual([90, 0]);
});

it("keeps Σ power within the station's quota, and every limit, whatever is traded (R9.24)", () => {
  const vehicle = fc.record({
    offeredW: fc.nat(3_000),
    mostW: fc.integer({ min: 3_000, max: 11_040 }),
    mostDischargeW: fc.nat(11_040),
    phases: fc.constantFrom<readonly (0 | 1 | 2)[]>([0], [1], [2], [0, 1, 2]),
  });
  const trade = fc.tuple(fc.nat(4), fc.nat(4), fc.nat(3_000)).filter(([buyer, seller]) => buyer !== seller);
  const vehicles = fc.array(vehicle, { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(vehicles, fc.array(trade, { maxLength: 8 }), (list, trades) => {
      const placed = list.map((each, i) => ({ ...each, vehicle: i }));
      const quotaW = list.reduce((sum, { offeredW }) => sum + offeredW, 0);
      const site = { ...SITE, phaseLimitW: 15_000 };
      const { powerW, deliveredWh } = deliverTrades(
        placed,
        trades.map(([buyer, seller, energyWh]) => ({ buyer, seller, energyWh })),
        site,
      );
      expect([...powerW.values()].reduce((sum, each) => sum + each, 0)).toBe(quotaW);
      const phaseW = [0, 0, 0];
      for (const { vehicle: id, mostW, mostDischargeW, phases } of placed) {
        expect(powerW.get(id)).toBeLessThanOrEqual(mostW);
        expect(powerW.get(id)).toBeGreaterThanOrEqual(-mostDischargeW);
        for (const phase of phases) phaseW[phase]! += powerW.get(id)! / phases.length;
      }
      for (const loadW of phaseW) expect(Math.abs(loadW)).toBeLessThanOrEqual(site.phaseLimitW + 1e-6);
      for (const [i, energyWh] of deliveredWh.entries()) {
        expect(energyWh).toBeGreaterThanOrEqual(0);
        expect(energyWh).toBeLessThanOrEqual(trades[i]![2]);
      }
    }),
  );
});
