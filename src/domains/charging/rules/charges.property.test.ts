import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargePeriod, depositNeededMicro, energyWhOf } from "./charges.ts";

const PRICES = { tariffMicroPerKwh: 1_000_000n, penaltyPermille: 2_000n };
const watts = fc.integer({ min: 0, max: 200_000 });

describe("depositNeededMicro", () => {
  it("covers whatever part of its demand a station draws under whatever quota, without a cap", () => {
    fc.assert(
      fc.property(watts, watts, fc.integer({ min: 0, max: 100 }), (demandW, quotaW, percent) => {
        const depositMicro = depositNeededMicro({
          prices: PRICES,
          periodSeconds: 1_800,
          demandW,
          quotaW: Math.min(quotaW, demandW),
          auctionMicro: 0n,
        });
        const importWh = (energyWhOf(demandW, 900) * BigInt(percent)) / 100n;
        const period = { prices: PRICES, intervalSeconds: 900, intervals: [{ importWh }, { importWh }] };
        const capped = chargePeriod({ ...period, quotaW: Math.min(quotaW, demandW), depositMicro });
        const free = chargePeriod({ ...period, quotaW: Math.min(quotaW, demandW), depositMicro: 10n ** 18n });
        // Two intervals are each rounded up to a whole Wh, a period once.
        expect(free.feeMicro + free.penaltyMicro - capped.feeMicro - capped.penaltyMicro).toBeLessThanOrEqual(
          3_000n,
        );
      }),
    );
  });

  it("is the fee of the demand, twice that, and the bids (AMB-23)", () => {
    const request = { prices: PRICES, periodSeconds: 1_800, demandW: 10_000, auctionMicro: 77n };
    expect(depositNeededMicro(request)).toBe(5_000_000n + 10_000_000n + 77n);
    expect(depositNeededMicro({ ...request, quotaW: 12_000 })).toBe(6_000_000n + 10_000_000n + 77n);
  });
});

describe("chargePeriod", () => {
  const period = { prices: PRICES, intervalSeconds: 900, quotaW: 4_000, depositMicro: 10n ** 12n };

  it("holds each interval against the quota: power, not energy, is what the transformer bears", () => {
    const uneven = chargePeriod({ ...period, intervals: [{ importWh: 2_000n }, { importWh: 0n }] });
    expect(uneven).toEqual({
      meteredWh: 2_000n,
      excessWh: 1_000n,
      feeMicro: 2_000_000n,
      penaltyMicro: 2_000_000n,
    });
    const even = chargePeriod({ ...period, intervals: [{ importWh: 1_000n }, { importWh: 1_000n }] });
    expect(even).toMatchObject({ excessWh: 0n, penaltyMicro: 0n });
  });

  it("counts an interval without a reading as the quota drawn in full", () => {
    const missing = chargePeriod({ ...period, intervals: [{ importWh: null }, { importWh: 300n }] });
    expect(missing).toMatchObject({ meteredWh: 1_300n, excessWh: 0n, feeMicro: 1_300_000n });
  });

  it("takes no more than the deposit, the fee first", () => {
    const intervals = [{ importWh: 2_000n }, { importWh: 0n }];
    expect(chargePeriod({ ...period, intervals, depositMicro: 2_500_000n })).toMatchObject({
      feeMicro: 2_000_000n,
      penaltyMicro: 500_000n,
    });
    expect(chargePeriod({ ...period, intervals, depositMicro: 1_500_000n })).toMatchObject({
      feeMicro: 1_500_000n,
      penaltyMicro: 0n,
    });
  });
});
