import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AdmissionRules, admitOrders, findRefusal, orderId } from "./admission.ts";
import type { Order, Side } from "./order.ts";

const rules: AdmissionRules<string> = {
  gateClosesAt: 1_000,
  now: 999,
  priceBand: { floorMicroPerThousand: 80_000, ceilingMicroPerThousand: 300_000 },
  isParticipant: (participant) => participant !== "outsider",
};

const bid: Order = {
  side: "bid",
  participant: "ann",
  quantity: 500,
  limitPriceMicroPerThousand: 100_000,
  sequence: 0,
};

const NOTHING = { ids: new Set<string>(), sides: new Map<number, Side>() };

describe("admitOrders", () => {
  it("keeps a participant on the side of its first order", () => {
    const offer: Order = { ...bid, side: "offer" };
    const other: Order = { ...offer, participant: "bob" };
    expect(admitOrders({ orders: [bid, offer, other, { ...bid, sequence: 1 }], rules })).toEqual({
      accepted: [bid, other, { ...bid, sequence: 1 }],
      rejected: [{ order: offer, reason: "bothSides" }],
    });
  });

  it("lets nobody trade with itself, whatever is sent, and refuses for both sides only who stands on the other one", () => {
    const sent = fc.array(
      fc.record<Order>({
        side: fc.constantFrom("bid", "offer"),
        participant: fc.constantFrom("ann", "bob", "cid"),
        quantity: fc.integer({ min: 1, max: 9 }),
        limitPriceMicroPerThousand: fc.integer({ min: 100_000, max: 100_004 }),
        sequence: fc.integer({ min: 0, max: 3 }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(sent, (orders) => {
        const { accepted, rejected } = admitOrders({ orders, rules });
        for (const name of ["ann", "bob", "cid"]) {
          const first = orders.find(({ participant }) => participant === name);
          const own = accepted.filter(({ participant }) => participant === name);
          expect(own.every(({ side }) => side === first?.side)).toBe(true);
          const refused = rejected.filter(({ order }) => order.participant === name);
          for (const { order, reason } of refused)
            expect(reason === "bothSides").toBe(order.side !== first?.side);
        }
        expect(accepted.length + rejected.length).toBe(orders.length);
      }),
    );
  });

  it("accepts an order in the last second before the gate closes", () => {
    expect(admitOrders({ orders: [bid], rules })).toEqual({ accepted: [bid], rejected: [] });
  });

  it.each([
    ["gateClosed", {}, { now: 1_000 }],
    ["unknownParticipant", { participant: "outsider" }, {}],
    ["zeroQuantity", { quantity: 0 }, {}],
    ["quantityOutOfRange", { quantity: -1 }, {}],
    ["quantityOutOfRange", { quantity: 0.5 }, {}],
    ["quantityOutOfRange", { quantity: 2 ** 32 }, {}],
    ["quantityOutOfRange", { quantity: Number.NaN }, {}],
    ["priceOutsideBand", { limitPriceMicroPerThousand: 79_999 }, {}],
    ["priceOutsideBand", { limitPriceMicroPerThousand: 300_001 }, {}],
    ["priceOutsideBand", { limitPriceMicroPerThousand: 100_000.5 }, {}],
    [
      "priceOutsideBand",
      { limitPriceMicroPerThousand: 2 ** 31 },
      { priceBand: { floorMicroPerThousand: 0, ceilingMicroPerThousand: 2 ** 40 } },
    ],
  ])("refuses with %s: %o %o", (reason, orderChange, ruleChange) => {
    const order = { ...bid, ...orderChange };
    expect(admitOrders({ orders: [order], rules: { ...rules, ...ruleChange } })).toEqual({
      accepted: [],
      rejected: [{ order, reason }],
    });
  });

  it("accepts both ends of the band and of the quantity", () => {
    const orders = [
      { ...bid, limitPriceMicroPerThousand: 80_000, quantity: 1 },
      { ...bid, limitPriceMicroPerThousand: 300_000, quantity: 2 ** 32 - 1 },
    ];
    expect(admitOrders({ orders, rules }).accepted).toEqual(orders);
  });

  it("needs no band", () => {
    const { priceBand: _, ...unbounded } = rules;
    const order = { ...bid, limitPriceMicroPerThousand: -(2 ** 31) };
    expect(admitOrders({ orders: [order], rules: unbounded }).accepted).toEqual([order]);
  });

  it("lets the first of two orders with one id stand, whatever their quantity", () => {
    const second = { ...bid, quantity: 7 };
    expect(admitOrders({ orders: [bid, second], rules })).toEqual({
      accepted: [bid],
      rejected: [{ order: second, reason: "duplicateId" }],
    });
  });

  it("tells orders apart by participant, price and sequence", () => {
    const orders: Order[] = [
      bid,
      { ...bid, participant: "bob" },
      { ...bid, limitPriceMicroPerThousand: 100_001 },
      { ...bid, sequence: 1 },
    ];
    expect(admitOrders({ orders, rules }).accepted).toEqual(orders);
  });

  it("does not let a refused order take an id", () => {
    const empty = { ...bid, quantity: 0 };
    expect(admitOrders({ orders: [empty, bid], rules }).accepted).toEqual([bid]);
  });
});

describe("findRefusal", () => {
  it("judges one order against the ids that a book holds", () => {
    const numbered = { ...bid, participant: 7 };
    const oneByOne = { ...rules, isParticipant: (participant: number) => participant === 7 };
    expect(findRefusal({ order: numbered, rules: oneByOne, admitted: NOTHING })).toBeNull();
    const admitted = { ids: new Set([orderId(numbered)]), sides: new Map([[7, numbered.side]]) };
    expect(findRefusal({ order: numbered, rules: oneByOne, admitted })).toBe("duplicateId");
  });
});
