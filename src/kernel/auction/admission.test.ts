import { describe, expect, it } from "vitest";
import { type AdmissionRules, admitOrders, findRefusal, orderId } from "./admission.ts";
import type { Order } from "./order.ts";

const rules: AdmissionRules<string> = {
  gateClosesAt: 1_000,
  now: 999,
  priceBand: { floorMicroPerKwh: 80_000, ceilingMicroPerKwh: 300_000 },
  isParticipant: (participant) => participant !== "outsider",
};

const bid: Order = {
  side: "bid",
  participant: "ann",
  energyWh: 500,
  limitPriceMicroPerKwh: 100_000,
  sequence: 0,
};

describe("admitOrders", () => {
  it("accepts an order in the last second before the gate closes", () => {
    expect(admitOrders({ orders: [bid], rules })).toEqual({ accepted: [bid], rejected: [] });
  });

  it.each([
    ["gateClosed", {}, { now: 1_000 }],
    ["unknownParticipant", { participant: "outsider" }, {}],
    ["zeroEnergy", { energyWh: 0 }, {}],
    ["energyOutOfRange", { energyWh: -1 }, {}],
    ["energyOutOfRange", { energyWh: 0.5 }, {}],
    ["energyOutOfRange", { energyWh: 2 ** 32 }, {}],
    ["energyOutOfRange", { energyWh: Number.NaN }, {}],
    ["priceOutsideBand", { limitPriceMicroPerKwh: 79_999 }, {}],
    ["priceOutsideBand", { limitPriceMicroPerKwh: 300_001 }, {}],
    ["priceOutsideBand", { limitPriceMicroPerKwh: 100_000.5 }, {}],
    [
      "priceOutsideBand",
      { limitPriceMicroPerKwh: 2 ** 31 },
      { priceBand: { floorMicroPerKwh: 0, ceilingMicroPerKwh: 2 ** 40 } },
    ],
  ])("refuses with %s: %o %o", (reason, orderChange, ruleChange) => {
    const order = { ...bid, ...orderChange };
    expect(admitOrders({ orders: [order], rules: { ...rules, ...ruleChange } })).toEqual({
      accepted: [],
      rejected: [{ order, reason }],
    });
  });

  it("accepts both ends of the band and of the energy", () => {
    const orders = [
      { ...bid, limitPriceMicroPerKwh: 80_000, energyWh: 1 },
      { ...bid, limitPriceMicroPerKwh: 300_000, energyWh: 2 ** 32 - 1 },
    ];
    expect(admitOrders({ orders, rules }).accepted).toEqual(orders);
  });

  it("needs no band", () => {
    const { priceBand: _, ...unbounded } = rules;
    const order = { ...bid, limitPriceMicroPerKwh: -(2 ** 31) };
    expect(admitOrders({ orders: [order], rules: unbounded }).accepted).toEqual([order]);
  });

  it("lets the first of two orders with one id stand, whatever their energy", () => {
    const second = { ...bid, energyWh: 7 };
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
      { ...bid, limitPriceMicroPerKwh: 100_001 },
      { ...bid, sequence: 1 },
    ];
    expect(admitOrders({ orders, rules }).accepted).toEqual(orders);
  });

  it("does not let a refused order take an id", () => {
    const empty = { ...bid, energyWh: 0 };
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
