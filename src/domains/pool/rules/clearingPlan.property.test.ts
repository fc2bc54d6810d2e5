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

/** Few prices and members, each on one side: ties at the margin, and several orders of one member at one price. */
const books = fc
  .uniqueArray(
    fc.record({
      participant: fc
        .integer({ min: 4, max: 300 })
        .map((member) => (member % 3 === 0 ? member : 4 + (member % 7))),
      energyWh: fc.integer({ min: 1, max: 40 }),
      limitPriceMicroPerKwh: fc.integer({ min: -3, max: 4 }),
      sequence: fc.nat(4),
    }),
    { maxLength: 40, selector: keyOf },
  )
  .map((orders) =>
    orders.map((order): SignedOrder => ({ ...order, ...sideOf(order), signature: SIGNATURE })),
  );
const pricings = fc.constantFrom<Pricing>("uniform", "midpoint", "marginal");
const stepSizes = fc.constantFrom(1, 2, 3, 5, 8, 512);

function keyOf({ participant, limitPriceMicroPerKwh, sequence }: Omit<Order<number>, "side">): string {
  return `${participant} ${limitPriceMicroPerKwh} ${sequence}`;
}

function sideOf({ participant }: Pick<Order<number>, "participant">): Pick<SignedOrder, "side"> {
  return { side: participant % 2 === 0 ? "bid" : "offer" };
}

const submissions = fc.constantFrom<Submission>("needed", "all");
const plans = fc.record({
  orders: books,
  pricing: pricings,
  submit: submissions,
  maxStepOrders: stepSizes,
});

function sumOf(energies: readonly bigint[]): bigint {
  return energies.reduce((sum, wh) => sum + wh, 0n);
}

function submittedOf({ steps }: Pick<ClearingPlan, "steps">) {
  return { bids: steps.flatMap((step) => step.bids), offers: steps.flatMap((step) => step.offers) };
}

describe("a clearing plan", () => {
  it("submits each order once, best first, by member and sequence among equals", () => {
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

  it("gives each member, over all steps, what the clearing gives it", () => {
    fc.assert(
      fc.property(plans, (request) => {
        const { book, clearing, positions } = planClearing({ ...request, ...PLACE });
        const expected = [...participantTotals(book, clearing)]
          .filter(([, { bought: boughtWh, sold: soldWh }]) => boughtWh > 0n || soldWh > 0n)
          .map(([member, { bought: boughtWh, sold: soldWh, exactPayment }]) => ({
            member,
            ...sideOf({ participant: member }),
            boughtWh,
            soldWh,
            exactPayment,
          }));
        expect(positions).toEqual(expected);
      }),
    );
  });

  it("brings along everyone who has an order in an earlier step, with what that came to so far", () => {
    fc.assert(
      fc.property(plans, (request) => {
        const { steps, positions, clearing } = planClearing({ ...request, ...PLACE });
        expect(steps[0]!.before).toEqual([]);
        const total = new Map(positions.map((position) => [position.member, position]));
        for (const [i, { before }] of steps.entries()) {
          const earlier = steps.slice(0, i).flatMap(({ bids, offers }) => [...bids, ...offers]);
          const members = new Set(earlier.map(({ participant }) => participant));
          expect(before.map(({ member }) => member)).toEqual([...members].sort((a, b) => a - b));
          for (const { member, side, boughtWh, soldWh } of before) {
            expect({ side }).toEqual(sideOf({ participant: member }));
            expect(boughtWh).toBeLessThanOrEqual(total.get(member)?.boughtWh ?? 0n);
            expect(soldWh).toBeLessThanOrEqual(total.get(member)?.soldWh ?? 0n);
          }
          const sums = mergePositions([...before, ...(steps[i - 1]?.before ?? [])]);
          expect(sums.size).toBe(before.length);
          if (clearing.pricing === "midpoint")
            expect(sumOf(before.map(({ boughtWh }) => boughtWh))).toBe(
              sumOf(before.map(({ soldWh }) => soldWh)),
            );
        }
      }),
    );
  });

  it("cuts at most the orders that fit, except where one member's orders at one price must stay together", () => {
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
    expect(plan.steps).toEqual([{ bids: [], offers: [], before: [] }]);
    expect(plan.positions).toEqual([]);
    expect(plan.outcome).toMatchObject({ marginalBid: 0, marginalOffer: 0, firstMember: 0, lastMember: 0 });
    expect(plan.outcome.bookRoot).toBe(toHex(new Uint8Array(32)));
    expect(plan.localPriceMicroPerKwh).toBe(0);
  });

  it("can be told from its submitted orders alone", () => {
    fc.assert(
      fc.property(plans, (request) => {
        const plan = planClearing({ ...request, ...PLACE });
        const reopened = reopenClearing({ steps: plan.steps, pricing: request.pricing });
        expect(reopened.positions).toEqual(plan.positions);
        expect(reopened.before).toEqual(plan.steps.map((step) => step.before));
        expect(reopened.clearing.clearedQuantity).toBe(plan.clearing.clearedQuantity);
        expect(localPrice(reopened.clearing)).toBe(plan.localPriceMicroPerKwh);
        expect(plan.outcome.localPrice).toBe(plan.localPriceMicroPerKwh);
        expect(plan.outcome.clearedWh).toBe(plan.clearing.clearedQuantity);
      }),
    );
  });

  it("names the lowest and the highest member of what it submits", () => {
    fc.assert(
      fc.property(plans, (request) => {
        const plan = planClearing({ ...request, ...PLACE });
        const { bids, offers } = submittedOf(plan);
        const members = [...bids, ...offers].map(({ participant }) => participant).sort((a, b) => a - b);
        expect(plan.outcome).toMatchObject({
          firstMember: members[0] ?? 0,
          lastMember: members.at(-1) ?? 0,
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
        expect(alone.positions).toEqual(whole.positions);
        const { firstMember: _first, lastMember: _last, ...declared } = outcome;
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
      participant: side === "bid" ? 4 : 5,
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
