import fc from "fast-check";
import { expect, it } from "vitest";
import type { Pricing } from "#kernel/auction/order.ts";
import { planClearing } from "./clearingPlan.ts";
import type { SignedOrder } from "./signedOrder.ts";
import { positionsSoFar } from "./unfinishedClearing.ts";

const PLACE = { separator: new Uint8Array(32).fill(5), areaId: 1, intervalId: 7 };

/** Few prices and members, each on one side: ties at the margin, and several orders of one member at one price. */
const books = fc.uniqueArray(
  fc
    .record({
      participant: fc.integer({ min: 4, max: 14 }),
      energyWh: fc.integer({ min: 1, max: 40 }),
      limitPriceMicroPerKwh: fc.integer({ min: -3, max: 4 }),
      sequence: fc.nat(3),
    })
    .map((order): SignedOrder => {
      const side = order.participant % 2 === 0 ? "bid" : "offer";
      return { ...order, side, signature: new Uint8Array(64) };
    }),
  { minLength: 8, maxLength: 40, selector: keyOf },
);

it("gives after each step what the whole clearing says of the orders so far", () => {
  let unfinished = 0;
  fc.assert(
    fc.property(
      books,
      fc.constantFrom<Pricing>("uniform", "midpoint", "marginal"),
      fc.constantFrom(1, 2, 3, 5),
      (orders, pricing, maxStepOrders) => {
        const plan = planClearing({ orders, pricing, maxStepOrders, ...PLACE });
        plan.steps.forEach((_, step) => {
          const soFar = plan.steps.slice(0, step + 1);
          const bids = soFar.flatMap((each) => each.bids);
          const offers = soFar.flatMap((each) => each.offers);
          const next = plan.steps[step + 1]?.before ?? plan.positions;
          if (plan.steps[step + 1]) unfinished += 1;
          expect(positionsSoFar({ bids, offers, outcome: plan.outcome, pricing })).toEqual(
            next.filter(({ boughtWh, soldWh }) => boughtWh + soldWh > 0n),
          );
        });
      },
    ),
  );
  expect(unfinished).toBeGreaterThan(50);
});

function keyOf({ participant, limitPriceMicroPerKwh, sequence }: SignedOrder): string {
  return `${participant} ${limitPriceMicroPerKwh} ${sequence}`;
}
