import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Order, Pricing } from "#market/order.ts";
import { participantTotals } from "#market/payments.ts";
import { localPrice, mergePositions, planClearing, reopenClearing } from "./clearingPlan.ts";
import type { SignedOrder } from "./signedOrder.ts";

const SIGNATURE = new Uint8Array(64);
const PLACE = { areaId: 1, intervalId: 7 };

/** Few prices and accounts: ties at the margin, and several orders of one account at one price. */
const books = fc
  .uniqueArray(
    fc.record({
      participant: fc
        .integer({ min: 4, max: 300 })
        .map((account) => (account % 3 === 0 ? account : 4 + (account % 7))),
      side: fc.constantFrom("bid" as const, "offer" as const),
      energyWh: fc.integer({ min: 1, max: 40 }),
      limitPriceMicroPerKwh: fc.integer({ min: -3, max: 4 }),
      sequence: fc.nat(4),
    }),
    { maxLength: 40, selector: keyOf },
  )
  .map((orders) => orders.map((order): SignedOrder => ({ ...order, signature: SIGNATURE })));
const pricings = fc.constantFrom<Pricing>("uniform", "midpoint");
const stepSizes = fc.constantFrom(1, 2, 3, 5, 8, 512);

function keyOf({ side, participant, limitPriceMicroPerKwh, sequence }: Order<number>): string {
  return `${side} ${participant} ${limitPriceMicroPerKwh} ${sequence}`;
}

const plans = fc.record({ orders: books, pricing: pricings, maxStepOrders: stepSizes });

describe("a clearing plan", () => {
  it("submits each order once, best first, by account and sequence among equals", () => {
    fc.assert(
      fc.property(plans, (request) => {
        const { steps } = planClearing({ ...request, ...PLACE });
        const bids = steps.flatMap((step) => step.bids);
        const offers = steps.flatMap((step) => step.offers);
        expect([...bids, ...offers].map(keyOf).sort()).toEqual(request.orders.map(keyOf).sort());
        const inMerit = (list: readonly SignedOrder[], sign: number) =>
          [...list].sort(
            (a, b) =>
              sign * (a.limitPriceMicroPerKwh - b.limitPriceMicroPerKwh) ||
              a.participant - b.participant ||
              a.sequence - b.sequence,
          );
        expect(bids).toEqual(inMerit(bids, -1));
        expect(offers).toEqual(inMerit(offers, 1));
      }),
    );
  });

  it("gives each account, over all steps, what the clearing gives it", () => {
    fc.assert(
      fc.property(plans, (request) => {
        const { book, clearing, steps } = planClearing({ ...request, ...PLACE });
        const merged = mergePositions(steps.map((step) => step.positions));
        const expected = [...participantTotals(book, clearing)]
          .filter(([, { boughtWh, soldWh }]) => boughtWh > 0n || soldWh > 0n)
          .map(([account, { boughtWh, soldWh, exactPayment }]) => ({
            account,
            boughtWh,
            soldWh,
            exactPayment,
          }));
        expect([...merged.values()].sort((a, b) => a.account - b.account)).toEqual(expected);
      }),
    );
  });

  it("cuts at most the orders that fit, except where one account's orders at one price must stay together", () => {
    fc.assert(
      fc.property(plans, (request) => {
        const { steps } = planClearing({ ...request, ...PLACE });
        for (const { bids, offers } of steps.slice(0, -1))
          expect(bids.length + offers.length).toBeGreaterThan(0);
        for (const side of ["bids", "offers"] as const)
          for (let i = 1; i < steps.length; i += 1) {
            const last = steps
              .slice(0, i)
              .flatMap((step) => step[side])
              .at(-1);
            const next = steps[i]![side][0];
            if (!last || !next) continue;
            const isOneGroup =
              last.participant === next.participant &&
              last.limitPriceMicroPerKwh === next.limitPriceMicroPerKwh;
            expect(isOneGroup).toBe(false);
          }
        if (request.maxStepOrders >= request.orders.length) expect(steps).toHaveLength(1);
      }),
    );
  });

  it("is of one step and no position when nothing was ordered", () => {
    const plan = planClearing({ orders: [], pricing: "uniform", ...PLACE });
    expect(plan.steps).toEqual([{ bids: [], offers: [], positions: [] }]);
    expect(plan.outcome).toMatchObject({ marginalBid: 0, marginalOffer: 0, firstPage: 0, lastPage: 0 });
    expect(plan.localPriceMicroPerKwh).toBe(0);
  });

  it("can be told from its submitted orders alone", () => {
    fc.assert(
      fc.property(plans, (request) => {
        const plan = planClearing({ ...request, ...PLACE });
        const reopened = reopenClearing({ steps: plan.steps, pricing: request.pricing });
        expect(reopened.positions).toEqual(plan.steps.map((step) => step.positions));
        expect(reopened.clearing.clearedWh).toBe(plan.clearing.clearedWh);
        expect(localPrice(reopened.clearing)).toBe(plan.localPriceMicroPerKwh);
      }),
    );
  });
});
