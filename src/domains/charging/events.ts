import { pricingOf } from "#kernel/auction/pricingNumber.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent, ContractEvents, Fact, FactOf } from "#platform/chain/contractSpec.ts";
import { decodeLog } from "#platform/chain/decodeLog.ts";
import type { MinedLog } from "#platform/chain/readLogs.ts";
import { quotaMarketContract } from "./contracts.generated.ts";
import type { QuotaTerms } from "./rules/quotaTerms.ts";
import type { AuctionSubmission, PaymentSubmission } from "./submissions.ts";
import { type QuotaSubmission, quotaSubmissionsOf, takeAuction, takePayment } from "./submissions.ts";

type Period = { readonly areaId: number; readonly period: number };
type Station = Period & { readonly member: number };

/** What each kind of event says. Powers in W, money in micro. A `submission` is null when the transaction did not call the market itself. */
type ChargingFacts = {
  quotaTermsAnnounced: { areaId: number; version: number; fromPeriod: number; terms: QuotaTerms };
  periodInitialized: Period & {
    termsVersion: number;
    marginW: number;
    forecastW: number;
    reserveW: number;
    tariffMicroPerKwh: bigint;
    cnyMicroPerEther: bigint;
  };
  demandSubmitted: Station & { demandW: number; depositMicro: bigint };
  /** `auctionOpensAt` is null where all demands fit. */
  quotasAllocated: Period & {
    isRationed: boolean;
    totalDemandW: number;
    cutRemainder: bigint;
    cutMember: number;
    auctionOpensAt: number | null;
  };
  /** Bought where `quotaW` is positive, paid where `paymentMicro` is. */
  quotaTraded: Station & { quotaW: number; paymentMicro: bigint };
  quotasCleared: Period & {
    localPriceMicroPerKw: number;
    clearedW: number;
    remainderMicro: bigint;
    bookRoot: Hex;
    submission: AuctionSubmission | null;
  };
  /** `missing` counts the intervals without a reading of the station. */
  energyPaid: Station & {
    meteredWh: bigint;
    excessWh: bigint;
    feeMicro: bigint;
    penaltyMicro: bigint;
    missing: number;
    submission: PaymentSubmission | null;
  };
  depositWithdrawn: Station & { amountMicro: bigint };
};

type ChargingKind = keyof ChargingFacts;

/** What an event of the quota market says, without its place. */
export type ChargingFact<Kind extends ChargingKind = ChargingKind> = FactOf<
  "quotaMarket",
  ChargingFacts,
  Kind
>;

export type ChargingEvent<Kind extends ChargingKind = ChargingKind> = ChainEvent<ChargingFact<Kind>>;

export function isChargingEvent(event: Fact): event is ChargingEvent {
  return event.contract === "quotaMarket";
}

/** Logs of the quota market, with what its calldata submitted. */
export const quotaEvents = {
  name: "quotaMarket",
  abi: quotaMarketContract.abi,
  decode: ({ logs, input }) => {
    const submitted = quotaSubmissionsOf(input);
    return logs.map((log) => readQuotas(log, submitted));
  },
} as const satisfies ContractEvents<ChargingFact>;

function readQuotas(log: MinedLog, submitted: QuotaSubmission[]): ChargingFact | null {
  const { eventName, args } = decodeLog(quotaMarketContract.abi, log);
  const contract = "quotaMarket";
  switch (eventName) {
    case "QuotaTermsAnnounced":
      return { contract, kind: "quotaTermsAnnounced", ...args, terms: quotaTerms(args.terms) };
    case "PeriodInitialized":
      return { contract, kind: "periodInitialized", ...initialization(args) };
    case "DemandSubmitted":
      return { contract, kind: "demandSubmitted", ...args, depositMicro: BigInt(args.depositMicro) };
    case "QuotasAllocated":
      return {
        contract,
        kind: "quotasAllocated",
        ...args,
        totalDemandW: Number(args.totalDemandW),
        cutRemainder: BigInt(args.cutRemainder),
        auctionOpensAt: args.isRationed ? Number(args.auctionOpensAt) : null,
      };
    case "QuotaTraded":
      return { contract, kind: "quotaTraded", ...args, quotaW: Number(args.quotaW) };
    case "QuotasCleared": {
      const { localPrice: localPriceMicroPerKw, ...rest } = args;
      const submission = takeAuction(submitted, args);
      return { contract, kind: "quotasCleared", ...rest, localPriceMicroPerKw, submission };
    }
    case "EnergyPaid":
      return {
        contract,
        kind: "energyPaid",
        ...args,
        missing: Number(args.missing),
        submission: takePayment(submitted, args),
      };
    case "DepositWithdrawn":
      return { contract, kind: "depositWithdrawn", ...args };
    default:
      return null;
  }
}

function initialization({
  terms: termsVersion,
  opening: { forecastW, reserveW, tariff, cnyMicroPerEther },
  ...rest
}: Period & {
  terms: number;
  marginW: number;
  opening: { forecastW: number; reserveW: number; tariff: number; cnyMicroPerEther: bigint };
}) {
  return { ...rest, termsVersion, forecastW, reserveW, tariffMicroPerKwh: BigInt(tariff), cnyMicroPerEther };
}

/** Terms as the contract has them. */
function quotaTerms({
  floor: floorMicroPerKw,
  ceiling: ceilingMicroPerKw,
  pricing,
  ...rest
}: Omit<QuotaTerms, "floorMicroPerKw" | "ceilingMicroPerKw" | "pricing"> & {
  floor: number;
  ceiling: number;
  pricing: number;
}): QuotaTerms {
  return { ...rest, floorMicroPerKw, ceilingMicroPerKw, pricing: pricingOf(pricing) };
}
