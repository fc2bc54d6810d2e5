import { describe, expect, it } from "vitest";
import { type AdmissionRules, admitOrders, findRefusal, orderId } from "./admission.ts";
import type { Order } from "./order.ts";

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

describe("admitOrders", () => {
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

  it("tells orders apart by side, participant, price and sequence", () => {
    const orders: Order[] = [
      bid,
      { ...bid, side: "offer" },
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
    expect(findRefusal({ order: numbered, rules: oneByOne, acceptedIds: new Set() })).toBeNull();
    const acceptedIds = new Set([orderId(numbered)]);
    expect(findRefusal({ order: numbered, rules: oneByOne, acceptedIds })).toBe("duplicateId");
  });
});
