import { decodeEventLog } from "viem";
import type { AreaAccounts, AreaTerms } from "#domains/pool/rules/area.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { abiOfLog } from "#platform/chain/abiOf.ts";
import type { ChainEvent, ContractEvents, Fact } from "#platform/chain/contractSpec.ts";
import type { MinedLog } from "#platform/chain/readLogs.ts";
import { poolMarketContract } from "./contracts.generated.ts";
import { PRICING_NUMBER } from "./pricingNumber.ts";
import {
  type ClearingSubmission,
  type PageSubmission,
  type Submission,
  submissionsOf,
  takeClearing,
  takeReturn,
  takeSettlement,
  type VoidSubmission,
} from "./submissions.ts";

type Interval = { readonly areaId: number; readonly intervalId: number };
type Page = Interval & { readonly page: number };

/** What each kind of event says. A `submission` is null when the transaction did not call the pool market itself. */
type PoolFacts = {
  areaCreated: { areaId: number; operator: Address; accounts: AreaAccounts; terms: AreaTerms };
  supplyAccepted: { areaId: number; supplier: number };
  stepVerified: Interval & { step: number; submission: ClearingSubmission | null };
  intervalCleared: Interval & {
    pricing: Pricing;
    localPriceMicroPerKwh: number;
    clearedWh: bigint;
    bookRoot: Hex;
    submission: ClearingSubmission | null;
  };
  pageSettled: Page & { gridFeeMicro: bigint; submission: PageSubmission | null };
  intervalSettled: Interval & { supplierMicro: bigint; remainderMicro: bigint };
  pageVoided: Page & { submission: VoidSubmission | null };
  intervalVoided: Interval;
};

type PoolKind = keyof PoolFacts;

/** What an event of the pool market says, without its place. */
export type PoolFact<Kind extends PoolKind = PoolKind> = {
  [K in Kind]: Readonly<PoolFacts[K]> & { readonly contract: "poolMarket"; readonly kind: K };
}[Kind];

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

function readPool({ topics, data }: MinedLog, submitted: Submission[]): PoolFact | null {
  const { eventName, args } = decodeEventLog({ abi: abiOfLog(poolMarketContract.abi, topics), topics, data });
  const contract = "poolMarket";
  switch (eventName) {
    case "AreaCreated": {
      const { areaId, operator, supplier, dso, fund, terms } = args;
      const accounts = { supplier, dso, fund };
      return {
        contract,
        kind: "areaCreated",
        areaId,
        operator: lower(operator),
        accounts,
        terms: areaTerms(terms),
      };
    }
    case "SupplyAccepted":
      return { contract, kind: "supplyAccepted", ...args };
    case "StepVerified":
      return { contract, kind: "stepVerified", ...args, submission: takeClearing(submitted, args) };
    case "IntervalCleared":
      return {
        contract,
        kind: "intervalCleared",
        areaId: args.areaId,
        intervalId: args.intervalId,
        pricing: pricingOf(args.pricing),
        localPriceMicroPerKwh: args.localPrice,
        clearedWh: args.clearedWh,
        bookRoot: args.bookRoot,
        submission: takeClearing(submitted, args),
      };
    case "PageSettled":
      return { contract, kind: "pageSettled", ...args, submission: takeSettlement(submitted, args) };
    case "IntervalSettled":
      return { contract, kind: "intervalSettled", ...args };
    case "PageVoided":
      return { contract, kind: "pageVoided", ...args, submission: takeReturn(submitted, args) };
    case "IntervalVoided":
      return { contract, kind: "intervalVoided", ...args };
    default:
      return null;
  }
}

function areaTerms(terms: {
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

function pricingOf(number: number): Pricing {
  const pricing = (["uniform", "midpoint"] as const).find((name) => PRICING_NUMBER[name] === number);
  return present(pricing, `the name of pricing rule ${number}`);
}

function lower(address: string): Address {
  return address.toLowerCase() as Address;
}
