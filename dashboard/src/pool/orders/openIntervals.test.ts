import { expect, it } from "vitest";
import { freeSequence, leadOf, openIntervals } from "./openIntervals.ts";

const RULES = { fromInterval: 0, intervalSeconds: 900, gateClosureSeconds: 300 };

it("offers the intervals whose gate is still open", () => {
  const [first, second] = openIntervals(900 * 100, [RULES]);
  expect(first).toEqual({ intervalId: 101, startsAt: 90_900, endsAt: 91_800, gateClosesAt: 90_600 });
  expect(second?.intervalId).toBe(102);
  expect(openIntervals(90_599, [RULES])[0]?.intervalId).toBe(101);
  // At the very second of its closure a gate is closed.
  expect(openIntervals(90_600, [RULES])[0]?.intervalId).toBe(102);
});

it("closes gates by the rules that hold for their interval", () => {
  const later = { ...RULES, fromInterval: 104, gateClosureSeconds: 3_600 };
  const ids = (now: number) => openIntervals(now, [later, RULES]).map(({ intervalId }) => intervalId);
  // With the later rules gate 104 closes at 90,000 s: before that of 103, which the rules before close at 92,400 s.
  expect(ids(89_999).slice(0, 5)).toEqual([101, 102, 103, 104, 105]);
  expect(ids(90_000).slice(0, 4)).toEqual([101, 102, 103, 105]);
  expect(ids(90_000)).toHaveLength(48);
});

it("leaves time to sign, more in a fast market and with an own wallet", () => {
  const slow = { speed: 1, intervalSeconds: 900 };
  const fast = { speed: 900, intervalSeconds: 900 };
  expect(leadOf({ ...slow, isDemonstrationKey: false })).toBe(4);
  expect(leadOf({ ...fast, isDemonstrationKey: true })).toBe(4);
  expect(leadOf({ ...fast, isDemonstrationKey: false })).toBe(40);
  expect(leadOf({ speed: 1e6, intervalSeconds: 900, isDemonstrationKey: false })).toBe(47);
});

it("takes a sequence that no order of the member at the same price has", () => {
  const wish = { areaId: 1, member: 5, intervalId: 7, side: "bid", limitPriceMicroPerKwh: 200_000 } as const;
  const order = (sequence: number, more = {}) => ({
    ...{ areaId: 1, member: 5, intervalId: 7, side: "bid", limitPriceMicroPerKwh: "200000", sequence },
    ...more,
  });
  const others = [{ side: "offer" }, { intervalId: 8 }, { member: 6 }, { areaId: 2 }];
  const orders = [order(15), ...others.map((other) => order(14, other))];
  expect(freeSequence(orders as never, wish)).toBe(14);
  const all = Array.from({ length: 16 }, (_, i) => order(i));
  expect(freeSequence(all as never, wish)).toBeNull();
});
