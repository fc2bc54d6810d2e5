import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { pricingOf } from "#kernel/auction/pricingNumber.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent, ContractEvents, Fact, FactOf } from "#platform/chain/contractSpec.ts";
import { decodeLog } from "#platform/chain/decodeLog.ts";
import type { MinedLog } from "#platform/chain/readLogs.ts";
import { poolMarketContract } from "./contracts.generated.ts";
import {
  type ClearingSubmission,
  type CorrectionSubmission,
  type PageSubmission,
  type ReturnSubmission,
  type Submission,
  submissionsOf,
  takeClearing,
  takeCorrection,
  takeReturn,
  takeSettlement,
} from "./submissions.ts";

type Interval = { readonly areaId: number; readonly intervalId: number };
type Page = Interval & { readonly page: number };
/** Clearings of the interval that were given up before this one. */
type Attempt = Interval & { readonly attempt: number };

/** What each kind of event says. A `submission` is null when the transaction did not call the pool market itself. */
type PoolFacts = {
  termsAnnounced: { areaId: number; version: number; fromInterval: number; terms: AreaTerms };
  supplyAccepted: { areaId: number; version: number; supplier: number; operator: Address };
  supplyWithdrawn: { areaId: number; version: number; fromInterval: number };
  stepVerified: Attempt & { submission: ClearingSubmission | null };
  intervalUnsupplied: Attempt;
  intervalCleared: Attempt & {
    termsVersion: number;
    localPriceMicroPerKwh: number;
    clearedWh: bigint;
    bookRoot: Hex;
    submission: ClearingSubmission | null;
  };
  clearingAbandoned: Attempt;
  pageSettled: Page & { gridFeeMicro: bigint; missing: bigint; submission: PageSubmission | null };
  intervalSettled: Interval & { supplierMicro: bigint; remainderMicro: bigint };
  /** `before` and `corrected` are what counted of the reading and what counts now, as words; 0 for none. */
  positionCorrected: Interval & {
    member: number;
    version: number;
    before: bigint;
    corrected: bigint;
    supplierMicro: bigint;
    gridFeeMicro: bigint;
    submission: CorrectionSubmission | null;
  };
  pageReturned: Attempt & Page & { submission: ReturnSubmission | null };
  intervalReturned: Attempt;
};

type PoolKind = keyof PoolFacts;

/** What an event of the pool market says, without its place. */
export type PoolFact<Kind extends PoolKind = PoolKind> = FactOf<"poolMarket", PoolFacts, Kind>;

export type PoolEvent<Kind extends PoolKind = PoolKind> = ChainEvent<PoolFact<Kind>>;

export function isPoolEvent(event: Fact): event is PoolEvent {
  return event.contract === "poolMarket";
}

/** Logs of the pool market, with what its calldata submitted. */
export const poolEvents = {
  name: "poolMarket",
  abi: poolMarketContract.abi,
  decode: ({ logs, input }) => {
    const submitted = submissionsOf(input);
    return logs.map((log) => readPool(log, submitted));
  },
} as const satisfies ContractEvents<PoolFact>;

function readPool(log: MinedLog, submitted: Submission[]): PoolFact | null {
  const { eventName, args } = decodeLog(poolMarketContract.abi, log);
  const contract = "poolMarket";
  switch (eventName) {
    case "TermsAnnounced":
      return { contract, kind: "termsAnnounced", ...args, terms: areaTerms(args.terms) };
    case "SupplyAccepted":
      return { contract, kind: "supplyAccepted", ...args, operator: lower(args.operator) };
    case "SupplyWithdrawn":
      return { contract, kind: "supplyWithdrawn", ...args };
    case "StepVerified":
      return { contract, kind: "stepVerified", ...args, submission: takeClearing(submitted, args) };
    case "IntervalUnsupplied":
      return { contract, kind: "intervalUnsupplied", ...args };
    case "IntervalCleared": {
      const { terms: termsVersion, localPrice: localPriceMicroPerKwh, clearedWh, ...rest } = args;
      return {
        contract,
        kind: "intervalCleared",
        ...rest,
        termsVersion,
        localPriceMicroPerKwh,
        clearedWh: BigInt(clearedWh),
        submission: takeClearing(submitted, args),
      };
    }
    case "ClearingAbandoned":
      return { contract, kind: "clearingAbandoned", ...args };
    case "PageSettled":
      return { contract, kind: "pageSettled", ...args, submission: takeSettlement(submitted, args) };
    case "IntervalSettled":
      return { contract, kind: "intervalSettled", ...args };
    case "PositionCorrected":
      return { contract, kind: "positionCorrected", ...args, submission: takeCorrection(submitted, args) };
    case "PageReturned":
      return { contract, kind: "pageReturned", ...args, submission: takeReturn(submitted, args) };
    case "IntervalReturned":
      return { contract, kind: "intervalReturned", ...args };
    default:
      return null;
  }
}

/** The terms of a pool as the contract has them. */
export function areaTerms(terms: {
  intervalSeconds: number;
  gateClosureSeconds: number;
  floor: number;
  ceiling: number;
  upstreamPrice: number;
  surplusPrice: number;
  gridFee: number;
  penaltyPermille: number;
  pricing: number;
}): AreaTerms {
  return {
    intervalSeconds: terms.intervalSeconds,
    gateClosureSeconds: terms.gateClosureSeconds,
    pricing: pricingOf(terms.pricing),
    floorMicroPerKwh: BigInt(terms.floor),
    ceilingMicroPerKwh: BigInt(terms.ceiling),
    upstreamPriceMicroPerKwh: BigInt(terms.upstreamPrice),
    penaltyPermille: BigInt(terms.penaltyPermille),
    surplusPriceMicroPerKwh: BigInt(terms.surplusPrice),
    gridFeeMicroPerKwh: BigInt(terms.gridFee),
  };
}

function lower(address: string): Address {
  return address.toLowerCase() as Address;
}
