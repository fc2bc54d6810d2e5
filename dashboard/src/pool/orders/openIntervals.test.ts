import { expect, it } from "vitest";
import { freeSequence, leadOf, openIntervals } from "./openIntervals.ts";

const RHYTHM = { intervalSeconds: 900, gateClosureSeconds: 300 };

it("offers the intervals whose gate is still open", () => {
  const [first, second] = openIntervals(900 * 100, RHYTHM);
  expect(first).toEqual({ intervalId: 101, startsAt: 90_900, endsAt: 91_800, gateClosesAt: 90_600 });
  expect(second?.intervalId).toBe(102);
  expect(openIntervals(90_599, RHYTHM)[0]?.intervalId).toBe(101);
  // At the very second of its closure a gate is closed.
  expect(openIntervals(90_600, RHYTHM)[0]?.intervalId).toBe(102);
});

it("leaves time to sign, more in a fast market and with an own wallet", () => {
  const slow = { speed: 1, intervalSeconds: 900 };
  const fast = { speed: 900, intervalSeconds: 900 };
  expect(leadOf({ ...slow, isDemonstrationKey: false })).toBe(4);
  expect(leadOf({ ...fast, isDemonstrationKey: true })).toBe(4);
  expect(leadOf({ ...fast, isDemonstrationKey: false })).toBe(40);
  expect(leadOf({ speed: 1e6, intervalSeconds: 900, isDemonstrationKey: false })).toBe(47);
});

it("takes a sequence that no own order of the same price has", () => {
  const wish = { intervalId: 7, side: "bid", limitPriceMicroPerKwh: 200_000 } as const;
  const order = (sequence: number, more = {}) => ({
    ...{ intervalId: 7, side: "bid", limitPriceMicroPerKwh: "200000", sequence },
    ...more,
  });
  const orders = [order(255), order(254, { side: "offer" }), order(254, { intervalId: 8 })];
  expect(freeSequence(orders as never, wish)).toBe(254);
  const all = Array.from({ length: 256 }, (_, i) => order(i));
  expect(freeSequence(all as never, wish)).toBeNull();
});
