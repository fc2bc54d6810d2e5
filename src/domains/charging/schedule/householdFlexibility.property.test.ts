import fc from "fast-check";
import { expect, it } from "vitest";
import { type FlexibleLoads, planFlexibleLoads } from "./householdFlexibility.ts";
import type { WaitingVehicle } from "./waitingVehicle.ts";

const SITE = { phaseLimitW: 100_000, intervalSeconds: 900, mostStartsAnHour: 4 };
const vehicle = (of: Partial<WaitingVehicle>): WaitingVehicle => ({
  ...{ id: "car", from: 0, until: 4, wantedWh: 2_000, mostW: 7_360, leastW: 1_380, phases: [0] },
  ...of,
});

it("shifts a vehicle out of a peak, and lowers what can be lowered (R5.49)", () => {
  const heating = { id: "heating", wantedW: [2_000, 2_000, 2_000, 2_000], comfortW: [500, 500, 500, 500] };
  const { peakW, vehicles, curtailedW } = planFlexibleLoads({
    ...SITE,
    ...{ fixedW: [5_000, 4_000, 500, 500], curtailable: [heating], vehicles: [vehicle({})], peakW: 6_000 },
  });
  expect(peakW).toBe(6_000);
  expect(vehicles).toMatchObject([{ offeredW: [0, 1_500, 5_000, 1_500], shortfallWh: 0 }]);
  expect(curtailedW.get("heating")).toEqual([1_000, 500, 500, 2_000]);
});

it("goes above the peak no further than comfort needs (R5.49)", () => {
  const { peakW, vehicles } = planFlexibleLoads({
    ...SITE,
    ...{ fixedW: [3_000, 3_000], curtailable: [], vehicles: [vehicle({ until: 2 })], peakW: 4_000 },
  });
  // 2 kWh in half an hour are 4 kW on top.
  expect(peakW).toBe(7_000);
  expect(vehicles).toMatchObject([{ offeredW: [4_000, 4_000], shortfallWh: 0 }]);
});

it("never violates a comfort bound that can be kept (R5.49)", () => {
  const intervals = 6;
  const watts = (max: number) => fc.array(fc.nat(max), { minLength: intervals, maxLength: intervals });
  const load = fc.tuple(watts(3_000), watts(2_000)).map(([comfortW, above]) => ({
    comfortW,
    wantedW: comfortW.map((each, k) => each + above[k]!),
  }));
  const stay = fc.tuple(
    fc.nat(3),
    fc.integer({ min: 1, max: 3 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  const inputs = fc.tuple(
    watts(5_000),
    fc.array(load, { maxLength: 3 }),
    fc.array(stay, { maxLength: 3 }),
    fc.nat(9_000),
  );
  fc.assert(
    fc.property(inputs, ([fixedW, list, stays, peak]) => {
      const loads: FlexibleLoads = {
        ...{ ...SITE, fixedW, peakW: peak },
        curtailable: list.map((each, i) => ({ ...each, id: `load ${i}` })),
        vehicles: stays.map(([from, length, share], i) =>
          vehicle({
            id: `car ${i}`,
            from,
            until: from + length,
            wantedWh: Math.floor(share * length * 1_840),
          }),
        ),
      };
      const { peakW, vehicles, curtailedW } = planFlexibleLoads(loads);
      for (const { shortfallWh } of vehicles) expect(shortfallWh).toBe(0);
      for (const { id, comfortW, wantedW } of loads.curtailable)
        for (const [k, leftW] of curtailedW.get(id)!.entries()) {
          expect(leftW).toBeGreaterThanOrEqual(comfortW[k]!);
          expect(leftW).toBeLessThanOrEqual(wantedW[k]!);
        }
      for (const [k, each] of fixedW.entries()) {
        const comfort = each + loads.curtailable.reduce((sum, { comfortW }) => sum + comfortW[k]!, 0);
        const lowered = loads.curtailable.reduce((sum, { id }) => sum + curtailedW.get(id)![k]!, 0);
        const charging = vehicles.reduce((sum, { offeredW }) => sum + offeredW[k]!, 0);
        expect(each + lowered + charging).toBeLessThanOrEqual(Math.max(peakW, comfort));
      }
    }),
    { numRuns: 60 },
  );
});
