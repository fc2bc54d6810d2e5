import { expect, it } from "vitest";
import { FREE_AGENT, isFree, obeySettings } from "./agentSettings.ts";
import type { Order } from "./order.ts";

const BAND = { floorMicroPerKwh: 80_000, ceilingMicroPerKwh: 300_000 };
const order = (side: "bid" | "offer", limitPriceMicroPerKwh: number): Order<number> => ({
  participant: 4,
  side,
  energyWh: 100,
  limitPriceMicroPerKwh,
  sequence: 0,
});
const limitsOf = (orders: readonly Order<number>[]) => orders.map((each) => each.limitPriceMicroPerKwh);

it("leaves a free agent's orders as they are", () => {
  const orders = [order("offer", 90_000), order("bid", 250_000)];
  expect(obeySettings(orders, FREE_AGENT, BAND)).toEqual(orders);
  expect(isFree(FREE_AGENT)).toBe(true);
});

it("sells at no less and buys at no more, and is stricter where the agent is", () => {
  const settings = { ...FREE_AGENT, leastOfferMicroPerKwh: 200_000, mostBidMicroPerKwh: 150_000 };
  const offers = [order("offer", 90_000), order("offer", 210_000)];
  expect(limitsOf(obeySettings(offers, settings, BAND))).toEqual([200_000, 210_000]);
  const bids = [order("bid", 250_000), order("bid", 100_000)];
  expect(limitsOf(obeySettings(bids, settings, BAND))).toEqual([150_000, 100_000]);
});

it("orders nothing while it is paused, nor at a price that the band no longer has", () => {
  expect(obeySettings([order("bid", 250_000)], { ...FREE_AGENT, isPaused: true }, BAND)).toEqual([]);
  const tooDear = { ...FREE_AGENT, leastOfferMicroPerKwh: 300_001 };
  expect(obeySettings([order("offer", 90_000)], tooDear, BAND)).toEqual([]);
});
