import { expect, it } from "vitest";
import { byCent, type Level } from "./bookDepth.ts";

const level = (side: Level["side"], price: number, energyWh: number, fillWh = 0): Level => ({
  side,
  limitPriceMicroPerKwh: String(price),
  energyWh: String(energyWh),
  fillWh: String(fillWh),
});

it("sums what was wished by whole cents, bids rounded down and offers up", () => {
  const levels = [
    level("offer", 199_900, 100, 40),
    level("offer", 200_000, 50),
    level("bid", 209_900, 30),
    level("bid", -100, 7),
  ];
  expect(byCent(levels)).toEqual([
    { priceMicroPerKwh: -10_000n, bidWh: 7n, offerWh: 0n, filledOfferWh: 0n },
    { priceMicroPerKwh: 200_000n, bidWh: 30n, offerWh: 150n, filledOfferWh: 40n },
  ]);
  expect(byCent([])).toEqual([]);
});
