import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Order } from "#domains/pool/rules/order.ts";
import { bidLimit, learnFromFill, offerLimit } from "./bidding.ts";
import { cautiousSurplus, tradingQuantiles } from "./caution.ts";
import { type HomeView, quoteHome } from "./quoteHome.ts";

/** Prices with a fraction, as averages have; a double's smallest values are no prices. */
const thousandths = fc.integer({ min: -500_000_000, max: 500_000_000 }).map((price) => price / 1_000);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const price = fc.integer({ min: -500_000, max: 500_000 });
const range = fc
  .tuple(price, fc.integer({ min: 0, max: 500_000 }))
  .map(([lowest, width]) => ({ lowestMicroPerKwh: lowest, highestMicroPerKwh: lowest + width }));
const wholeWh = fc.integer({ min: 0, max: 20_000 });

const view: fc.Arbitrary<HomeView> = fc
  .record({
    member: fc.constant(4),
    range,
    gridFeeMicroPerKwh: fc.integer({ min: 0, max: 100_000 }),
    reach: share,
    buyingExperience: share,
    sellingExperience: share,
    expectedPriceMicroPerKwh: price,
    surplusWh: fc.integer({ min: -20_000, max: 20_000 }),
    chargeableWh: wholeWh,
    dischargeableWh: wholeWh,
    sellableWh: wholeWh,
    storageValueMicroPerKwh: thousandths,
    releaseCostMicroPerKwh: thousandths,
  })
  .map((drawn) => ({ ...drawn, sellableWh: Math.min(drawn.sellableWh, drawn.dischargeableWh) }));

describe("limit prices", () => {
  it("stay within the range, so that no trade is worse than the tariff", () => {
    fc.assert(
      fc.property(range, share, share, (band, reach, experience) => {
        for (const limit of [bidLimit(band, reach, experience), offerLimit(band, reach, experience)]) {
          expect(limit).toBeGreaterThanOrEqual(band.lowestMicroPerKwh);
          expect(limit).toBeLessThanOrEqual(band.highestMicroPerKwh);
        }
      }),
    );
  });

  it("are the range's ends without experience of being served", () => {
    const band = { lowestMicroPerKwh: 80_000, highestMicroPerKwh: 290_000 };
    expect(bidLimit(band, 0.9, 0)).toBe(290_000);
    expect(offerLimit(band, 0.9, 0)).toBe(80_000);
    expect(bidLimit(band, 0.5, 1)).toBe(185_000);
    expect(offerLimit(band, 0.5, 1)).toBe(185_000);
  });

  it("follow the fills of the past", () => {
    expect(learnFromFill(0.5, 1, 0.2)).toBeCloseTo(0.6, 12);
    expect(learnFromFill(0.5, 0, 0.2)).toBeCloseTo(0.4, 12);
  });
});

describe("the orders of a home", () => {
  it("are on one side only, within the range, whole, and told apart by their sequence", () => {
    fc.assert(
      fc.property(view, (home) => {
        const orders: Order<number>[] = [];
        quoteHome(home, orders);
        expect(new Set(orders.map(({ side }) => side)).size).toBeLessThanOrEqual(1);
        expect(new Set(orders.map(({ sequence }) => sequence)).size).toBe(orders.length);
        for (const { energyWh, limitPriceMicroPerKwh } of orders) {
          expect(Number.isInteger(energyWh) && energyWh > 0).toBe(true);
          expect(Number.isInteger(limitPriceMicroPerKwh)).toBe(true);
          expect(limitPriceMicroPerKwh).toBeGreaterThanOrEqual(home.range.lowestMicroPerKwh);
          expect(limitPriceMicroPerKwh).toBeLessThanOrEqual(home.range.highestMicroPerKwh);
        }
      }),
    );
  });

  it("never promise more than surplus and battery hold, nor less than storing is worth", () => {
    fc.assert(
      fc.property(view, (home) => {
        const orders: Order<number>[] = [];
        quoteHome(home, orders);
        const offeredWh = orders.reduce(
          (sum, { side, energyWh }) => sum + (side === "offer" ? energyWh : 0),
          0,
        );
        expect(offeredWh).toBeLessThanOrEqual(
          home.surplusWh > 0 ? home.surplusWh : Math.max(0, home.dischargeableWh + home.surplusWh),
        );
        for (const { sequence, limitPriceMicroPerKwh } of orders)
          if (home.surplusWh > 0 && sequence === 1)
            expect(limitPriceMicroPerKwh).toBeGreaterThanOrEqual(
              Math.min(home.storageValueMicroPerKwh, home.range.highestMicroPerKwh),
            );
      }),
    );
  });
});

describe("caution", () => {
  const band = { lowestMicroPerKwh: 80_000, highestMicroPerKwh: 290_000 };

  it("buys more where local energy is cheap, and less where it is dear", () => {
    expect(tradingQuantiles(band, 80_000, 320_000).buying).toBe(1);
    expect(tradingQuantiles(band, 290_000, 320_000).buying).toBe(-1);
    expect(tradingQuantiles(band, 185_000, 320_000).buying).toBe(0);
  });

  it("promises less when a shortfall costs more than a sale brings", () => {
    expect(tradingQuantiles(band, 80_000, 320_000).selling).toBe(-1);
  });

  it("keeps a home on its side", () => {
    expect(cautiousSurplus(100, 400, { buying: 0, selling: -1 })).toBe(0);
    expect(cautiousSurplus(-100, 40, { buying: 1, selling: 0 })).toBe(-140);
    expect(cautiousSurplus(-100, 400, { buying: -1, selling: 0 })).toBe(-0);
  });
});
