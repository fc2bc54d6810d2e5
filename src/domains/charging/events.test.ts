import { type AbiEvent, encodeAbiParameters, encodeEventTopics } from "viem";
import { describe, expect, it } from "vitest";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { quotaMarketContract } from "./contracts.generated.ts";
import { quotaEvents } from "./events.ts";

const PLACE = { areaId: 3, period: 987_000 };
const STATION = { ...PLACE, member: 7 };
const contract = "quotaMarket";

/** What the market's decoder makes of an event with these arguments. */
function decoded(eventName: string, args: Record<string, unknown>) {
  const { abi } = quotaMarketContract;
  const event = abi.find((item) => item.type === "event" && item.name === eventName) as AbiEvent;
  const unindexed = event.inputs.filter(({ indexed }) => !indexed);
  const topics = encodeEventTopics({ abi: [event], eventName, args });
  const data = encodeAbiParameters(
    unindexed,
    unindexed.map(({ name }) => args[name!]),
  );
  const log = { topics, data } as never;
  return quotaEvents.decode({ logs: [log], input: "0x", contracts: {} } as never);
}

describe("the quota market's events", () => {
  it("say terms in domain values", () => {
    const times = { periodSeconds: 1_800, demandSeconds: 300, allocationSeconds: 420, orderSeconds: 600 };
    const terms = { ...times, clearingSeconds: 900, ratingW: 1_000_000, penaltyPermille: 2_000 };
    const args = { areaId: 3, version: 2, fromPeriod: 5 };
    expect(
      decoded("QuotaTermsAnnounced", {
        ...args,
        terms: { ...terms, floor: 1, ceiling: 100_000_000, pricing: 1 },
      }),
    ).toEqual([
      {
        contract,
        kind: "quotaTermsAnnounced",
        ...args,
        terms: { ...terms, floorMicroPerKw: 1, ceilingMicroPerKw: 100_000_000, pricing: "midpoint" },
      },
    ]);
  });

  it("say what a period begins with", () => {
    const opening = { forecastW: 657_000, reserveW: 20_000, cnyMicroPerEther: 20_000_000_000n };
    const args = { ...PLACE, terms: 2, marginW: 323_000, opening: { ...opening, tariff: 112_000_000 } };
    expect(decoded("PeriodInitialized", args)).toEqual([
      {
        contract,
        kind: "periodInitialized",
        ...PLACE,
        ...opening,
        termsVersion: 2,
        marginW: 323_000,
        tariffMicroPerKwh: 112_000_000n,
      },
    ]);
  });

  it("say what stations demand, and how the margin was divided", () => {
    expect(decoded("DemandSubmitted", { ...STATION, demandW: 36_000, depositMicro: 6_048_000_000 })).toEqual([
      { contract, kind: "demandSubmitted", ...STATION, demandW: 36_000, depositMicro: 6_048_000_000n },
    ]);
    const cut = { totalDemandW: 390_000, cutRemainder: 1_000, cutMember: 7 };
    const divided = { contract, kind: "quotasAllocated", ...PLACE, ...cut, cutRemainder: 1_000n };
    const opensAt = { auctionOpensAt: 1_777_000_000n };
    expect(decoded("QuotasAllocated", { ...PLACE, ...cut, ...opensAt, isRationed: true })).toEqual([
      { ...divided, isRationed: true, auctionOpensAt: 1_777_000_000 },
    ]);
    expect(decoded("QuotasAllocated", { ...PLACE, ...cut, auctionOpensAt: 0n, isRationed: false })).toEqual([
      { ...divided, isRationed: false, auctionOpensAt: null },
    ]);
  });

  it("say who traded, at what price", () => {
    expect(decoded("QuotaTraded", { ...STATION, quotaW: -6_600, paymentMicro: -151_900_000n })).toEqual([
      { contract, kind: "quotaTraded", ...STATION, quotaW: -6_600, paymentMicro: -151_900_000n },
    ]);
    const bookRoot = toHex(wordOf(9));
    const args = { ...PLACE, localPrice: 23_000_000, clearedW: 20_600, remainderMicro: 1n, bookRoot };
    expect(decoded("QuotasCleared", args)).toEqual([
      {
        contract,
        kind: "quotasCleared",
        ...PLACE,
        localPriceMicroPerKw: 23_000_000,
        clearedW: 20_600,
        remainderMicro: 1n,
        bookRoot,
        submission: null,
      },
    ]);
  });

  it("say what energy cost, and what came back", () => {
    const paid = { meteredWh: 6_000n, excessWh: 5n, feeMicro: 6n, penaltyMicro: 7n };
    expect(decoded("EnergyPaid", { ...STATION, ...paid, missing: 1n })).toEqual([
      { contract, kind: "energyPaid", ...STATION, ...paid, missing: 1, submission: null },
    ]);
    expect(decoded("DepositWithdrawn", { ...STATION, amountMicro: 8n })).toEqual([
      { contract, kind: "depositWithdrawn", ...STATION, amountMicro: 8n },
    ]);
  });
});
