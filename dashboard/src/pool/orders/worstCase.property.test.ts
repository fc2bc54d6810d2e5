import { boolean, assert as check, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { type AreaTerms, settlementPrices } from "#domains/pool/rules/area.ts";
import { settlePosition } from "#domains/pool/rules/settlement.ts";
import { worstCase } from "./worstCase.ts";

const TERMS: AreaTerms = {
  intervalSeconds: 900,
  gateClosureSeconds: 300,
  pricing: "uniform",
  floorMicroPerKwh: 80_000n,
  ceilingMicroPerKwh: 320_000n,
  upstreamPriceMicroPerKwh: 320_000n,
  penaltyPermille: 1_100n,
  surplusPriceMicroPerKwh: 50_000n,
  gridFeeMicroPerKwh: 30_000n,
};

describe("the worst case of an order", () => {
  it("is met by a seller who delivers nothing", () => {
    const wish = { side: "offer", energyWh: 1_000n, limitPriceMicroPerKwh: 200_000n } as const;
    expect(worstCase(wish, TERMS)).toEqual({
      tradeMicro: -200_000n,
      gridFeeMicro: 0n,
      shortfallMicro: 352_000n,
      worstMicro: 152_000n,
    });
  });

  it("is what a buyer pays with the grid fee", () => {
    const wish = { side: "bid", energyWh: 500n, limitPriceMicroPerKwh: 200_000n } as const;
    expect(worstCase(wish, TERMS)).toMatchObject({
      tradeMicro: 100_000n,
      gridFeeMicro: 15_000n,
      worstMicro: 115_000n,
    });
  });

  it("is exceeded by no settlement, whatever fills, at whatever price, and whatever the meter says", () => {
    const cases = record({
      side: constantFrom("bid" as const, "offer" as const),
      energyWh: integer({ min: 1, max: 20_000 }),
      limit: integer({ min: 80_000, max: 320_000 }),
      better: integer({ min: 0, max: 240_000 }),
      fill: integer({ min: 0, max: 20_000 }),
      meteredWh: integer({ min: 0, max: 25_000 }),
      surplus: integer({ min: -40_000, max: 80_000 }),
      isSupplied: boolean(),
    });
    const rule = property(
      cases,
      ({ side, energyWh, limit, better, fill, meteredWh, surplus, isSupplied }) => {
        const terms = { ...TERMS, surplusPriceMicroPerKwh: BigInt(surplus) };
        const fillWh = BigInt(Math.min(fill, energyWh));
        const price = BigInt(
          side === "bid" ? Math.max(80_000, limit - better) : Math.min(320_000, limit + better),
        );
        const position =
          side === "bid"
            ? { boughtWh: fillWh, soldWh: 0n, exactPayment: fillWh * price }
            : { boughtWh: 0n, soldWh: fillWh, exactPayment: -fillWh * price };
        const reading = { importWh: BigInt(meteredWh), exportWh: BigInt(meteredWh) };
        const prices = settlementPrices(terms, { localPriceMicroPerKwh: price, isSupplied });
        const { netMicro } = settlePosition(position, reading, prices);
        const wish = { side, energyWh: BigInt(energyWh), limitPriceMicroPerKwh: BigInt(limit) };
        return netMicro <= worstCase(wish, terms).worstMicro;
      },
    );
    check(rule, { numRuns: 500 });
  });
});
