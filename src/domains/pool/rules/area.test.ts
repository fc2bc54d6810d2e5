import { describe, expect, it } from "vitest";
import { type AreaTerms, settlementPrices, supplierReserveMicro, termsFaults } from "./area.ts";

const TERMS: AreaTerms = {
  intervalSeconds: 900,
  gateClosureSeconds: 300,
  pricing: "uniform",
  floorMicroPerKwh: 80_000n,
  ceilingMicroPerKwh: 300_000n,
  upstreamPriceMicroPerKwh: 300_000n,
  penaltyPermille: 1_500n,
  surplusPriceMicroPerKwh: 60_000n,
  gridFeeMicroPerKwh: 50_000n,
};
const pricesOf = (terms: AreaTerms, isSupplied: boolean) =>
  settlementPrices(terms, { localPriceMicroPerKwh: 150_000n, isSupplied });

describe("settlementPrices", () => {
  it("pay nothing for a surplus where no supplier stands for the interval", () => {
    expect(pricesOf(TERMS, true).surplusMicroPerKwh).toBe(60_000n);
    expect(pricesOf(TERMS, false).surplusMicroPerKwh).toBe(0n);
    expect(supplierReserveMicro(1_001n, pricesOf(TERMS, true))).toBe(60_060n);
    expect(supplierReserveMicro(1_001n, pricesOf(TERMS, false))).toBe(0n);
  });

  it("charge for a surplus whether or not somebody stands for it", () => {
    const dear = { ...TERMS, surplusPriceMicroPerKwh: -20_000n };
    expect(pricesOf(dear, false)).toEqual(pricesOf(dear, true));
    expect(pricesOf(dear, false).surplusMicroPerKwh).toBe(-20_000n);
  });
});

describe("termsFaults", () => {
  it("accepts terms that the contract accepts", () => {
    expect(termsFaults(TERMS)).toEqual([]);
  });

  it.each<[string, Partial<AreaTerms>]>([
    ["a gate that closes with delivery", { gateClosureSeconds: 0 }],
    ["a gate that closes more than an hour before", { gateClosureSeconds: 3_601 }],
    ["intervals of less than a minute", { intervalSeconds: 59 }],
    ["a floor above the ceiling", { floorMicroPerKwh: 300_001n }],
    ["a penalty that pays", { penaltyPermille: 999n }],
    ["a shortfall that is cheaper than a purchase", { upstreamPriceMicroPerKwh: 299_999n }],
    ["a surplus that earns more than an offer", { surplusPriceMicroPerKwh: 80_001n }],
    ["a grid fee that pays", { gridFeeMicroPerKwh: -1n }],
  ])("refuses %s", (_what, change) => {
    expect(termsFaults({ ...TERMS, ...change })).toHaveLength(1);
  });
});
