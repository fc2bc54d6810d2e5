import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pricing, Side } from "#kernel/auction/order.ts";
import { participantTotals } from "#kernel/auction/payments.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { type ClearingPlan, planClearing, reopenClearing, type Submission } from "./clearingPlan.ts";
import { localPrice } from "./localPrice.ts";
import { mergePositions } from "./mergePositions.ts";
import type { Order } from "./order.ts";
import type { SignedOrder } from "./signedOrder.ts";

const SIGNATURE = new Uint8Array(64);
const PLACE = { separator: new Uint8Array(32).fill(5), areaId: 1, intervalId: 7 };

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

const submissions = fc.constantFrom<Submission>("needed", "all");
const plans = fc.record({
  orders: books,
  pricing: pricings,
  submit: submissions,
  maxStepOrders: stepSizes,
});

function submittedOf({ steps }: Pick<ClearingPlan, "steps">) {
  return { bids: steps.flatMap((step) => step.bids), offers: steps.flatMap((step) => step.offers) };
}

describe("a clearing plan", () => {
  it("submits each order once, best first, by account and sequence among equals", () => {
    fc.assert(
      fc.property(plans, (request) => {
        const { bids, offers } = submittedOf(planClearing({ ...request, ...PLACE }));
        const submitted = [...bids, ...offers].map(keyOf);
        expect(new Set(submitted).size).toBe(submitted.length);
        if (request.submit === "all") expect(submitted.sort()).toEqual(request.orders.map(keyOf).sort());
        else expect(request.orders.map(keyOf)).toEqual(expect.arrayContaining(submitted));
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
          .filter(([, { bought: boughtWh, sold: soldWh }]) => boughtWh > 0n || soldWh > 0n)
          .map(([account, { bought: boughtWh, sold: soldWh, exactPayment }]) => ({
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
    expect(plan.outcome).toMatchObject({ marginalBid: 0, marginalOffer: 0, firstAccount: 0, lastAccount: 0 });
    expect(plan.outcome.bookRoot).toBe(toHex(new Uint8Array(32)));
    expect(plan.localPriceMicroPerKwh).toBe(0);
  });

  it("can be told from its submitted orders alone", () => {
    fc.assert(
      fc.property(plans, (request) => {
        const plan = planClearing({ ...request, ...PLACE });
        const reopened = reopenClearing({ steps: plan.steps, pricing: request.pricing });
        expect(reopened.positions).toEqual(plan.steps.map((step) => step.positions));
        expect(reopened.clearing.clearedQuantity).toBe(plan.clearing.clearedQuantity);
        expect(localPrice(reopened.clearing)).toBe(plan.localPriceMicroPerKwh);
      }),
    );
  });

  it("names the lowest and the highest account of what it submits", () => {
    fc.assert(
      fc.property(plans, (request) => {
        const plan = planClearing({ ...request, ...PLACE });
        const { bids, offers } = submittedOf(plan);
        const accounts = [...bids, ...offers].map(({ participant }) => participant).sort((a, b) => a - b);
        expect(plan.outcome).toMatchObject({
          firstAccount: accounts[0] ?? 0,
          lastAccount: accounts.at(-1) ?? 0,
        });
      }),
    );
  });
});

describe("the orders that a clearing needs", () => {
  const requests = fc.record({ orders: books, pricing: pricings, maxStepOrders: stepSizes });

  it("clear to what the whole book clears to: prices, fills, sharing and positions", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const plan = planClearing({ ...request, ...PLACE });
        const { steps, outcome, clearing } = plan;
        const alone = reopenClearing({ steps, pricing: request.pricing });
        const { bidFills: bidFillWh, offerFills: offerFillWh, ...figures } = alone.clearing;
        expect(clearing).toMatchObject(figures);
        const { bids, offers } = submittedOf(plan);
        expect(clearing.bidFills.slice(0, bids.length)).toEqual(bidFillWh);
        expect(clearing.offerFills.slice(0, offers.length)).toEqual(offerFillWh);
        expect(clearing.bidFills.slice(bids.length).every((wh) => wh === 0)).toBe(true);
        expect(clearing.offerFills.slice(offers.length).every((wh) => wh === 0)).toBe(true);
        const whole = planClearing({ ...request, ...PLACE, submit: "all", maxStepOrders: 512 });
        expect(mergePositions(alone.positions)).toEqual(
          mergePositions(whole.steps.map((step) => step.positions)),
        );
        const { firstAccount: _first, lastAccount: _last, ...declared } = outcome;
        expect(whole.outcome).toMatchObject(declared);
      }),
    );
  });

  it("show that no pair left could trade, and none of them can be spared", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { steps, clearing } = planClearing({ ...request, ...PLACE });
        const { bids, offers } = submittedOf({ steps });
        const left = (orders: readonly SignedOrder[], fillWh: Uint32Array) =>
          orders.find((order, i) => order.energyWh > (fillWh[i] ?? 0));
        const everyBid = request.orders.filter(({ side }) => side === "bid");
        const everyOffer = request.orders.filter(({ side }) => side === "offer");
        const bid = left(bids, clearing.bidFills);
        const offer = left(offers, clearing.offerFills);
        if (bid && offer) expect(bid.limitPriceMicroPerKwh).toBeLessThan(offer.limitPriceMicroPerKwh);
        if (!bid) expect(bids).toHaveLength(everyBid.length);
        if (!offer) expect(offers).toHaveLength(everyOffer.length);
        const {
          marginalBidMicroPerThousand: marginalBidMicroPerKwh,
          marginalOfferMicroPerThousand: marginalOfferMicroPerKwh,
        } = clearing;
        const behind = [
          ...bids.filter((order) => order.limitPriceMicroPerKwh < (marginalBidMicroPerKwh ?? Infinity)),
          ...offers.filter((order) => order.limitPriceMicroPerKwh > (marginalOfferMicroPerKwh ?? -Infinity)),
        ];
        for (const order of behind) expect([bid, offer]).toContain(order);
      }),
    );
  });

  it("are the best bid and the best offer where nothing trades", () => {
    const order = (side: Side, limitPriceMicroPerKwh: number, sequence: number): SignedOrder => ({
      side,
      limitPriceMicroPerKwh,
      sequence,
      participant: 4,
      energyWh: 10,
      signature: SIGNATURE,
    });
    const bids = [order("bid", 1, 0), order("bid", 3, 1), order("bid", 3, 2)];
    const offers = [order("offer", 5, 0), order("offer", 4, 1)];
    const planOf = (orders: readonly SignedOrder[]) => planClearing({ orders, pricing: "uniform", ...PLACE });
    expect(submittedOf(planOf([...bids, ...offers]))).toEqual({ bids: [bids[1]], offers: [offers[1]] });
    expect(submittedOf(planOf(bids))).toEqual({ bids: [bids[1]], offers: [] });
    expect(submittedOf(planOf(offers))).toEqual({ bids: [], offers: [offers[1]] });
  });
});
