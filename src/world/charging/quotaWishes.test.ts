import fc from "fast-check";
import { expect, it } from "vitest";
import type { DayVehicle } from "./chargingDay.ts";
import { powerWishes, quotaOrders } from "./quotaWishes.ts";

const vehicle = (until: number): DayVehicle => ({
  ...{ id: "a", station: 1, from: 0, until, wantedWh: 20_000, mostW: 10_000, leastW: 1_000, phases: [0] },
  isAnnounced: false,
  valueMicroPerKwh: 200_000_000,
});

it("needs now what it cannot get later, and would pay less the longer it can wait", () => {
  // The period is intervals 0 and 1; one more hour gives 10 kWh, so that 2 of 12 kWh have to come now.
  expect(powerWishes([{ vehicle: vehicle(6), leftWh: 12_000 }], 0)).toEqual([
    { powerW: 4_000, isNeeded: true, priceMicroPerKw: 100_000_000 },
    { powerW: 6_000, isNeeded: false, priceMicroPerKw: 100_000_000 },
  ]);
  // Three hours more are 1.8 h more than it takes: 1.8 of 4 h of patience.
  const [wish] = powerWishes([{ vehicle: vehicle(14), leftWh: 12_000 }], 0);
  expect(wish).toEqual({ powerW: 10_000, isNeeded: false, priceMicroPerKw: 55_000_000 });
});

it("a station is on one side, and offers no more than its quota", () => {
  const vehicles = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 30_000 })), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(vehicles, fc.nat(60_000), fc.nat(5_000), (list, quotaW, keptW) => {
      const wishes = powerWishes(
        list.map(([until, leftWh]) => ({ vehicle: vehicle(until), leftWh })),
        0,
      );
      const orders = quotaOrders({ station: 1, quotaW, keptW, wishes });
      expect(new Set(orders.map(({ side }) => side)).size).toBeLessThanOrEqual(1);
      const total = orders.reduce((sum, { quantity }) => sum + quantity, 0);
      const wantedW = wishes.reduce((sum, { powerW }) => sum + powerW, 0);
      if (orders[0]?.side === "offer") expect(total).toBeLessThanOrEqual(quotaW);
      else expect(total).toBeLessThanOrEqual(wantedW);
      expect(orders.every(({ quantity }) => quantity > 0)).toBe(true);
    }),
  );
});
