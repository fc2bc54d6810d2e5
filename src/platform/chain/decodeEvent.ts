import { decodeEventLog, type Log } from "viem";
import type { Submission } from "#domains/pool/decodeSubmission.ts";
import type { MarketContracts } from "#domains/pool/marketContracts.ts";
import { PRICING_NUMBER } from "#domains/pool/pricingNumber.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import type { EventFact, PageSubmission } from "./chainEvent.ts";
import {
  clearingHouseContract,
  meterLedgerContract,
  participantRegistryContract,
  poolMarketContract,
} from "./contracts.generated.ts";

/** Logs of one contract with the function that reads them. */
type Reader = (log: Log, submission: Submission) => EventFact | null;

/**
 * Reads a log of one of the deployment's contracts. Null when it says nothing about participants, markets or money, as
 * an event of access control does.
 */
export function decodeEvent(deployment: MarketContracts, log: Log, submission: Submission): EventFact | null {
  const readers: Record<Address, Reader> = {
    [deployment.registry]: readRegistry,
    [deployment.clearingHouse]: readClearingHouse,
    [deployment.meterLedger]: readMeterLedger,
    [deployment.poolMarket]: readPoolMarket,
  };
  return readers[lower(log.address)]?.(log, submission) ?? null;
}

function readRegistry({ topics, data }: Log): EventFact | null {
  const { eventName, args } = decodeEventLog({ abi: participantRegistryContract.abi, topics, data });
  switch (eventName) {
    case "ParticipantRegistered":
      return { kind: "participantRegistered", ...args, participant: lower(args.participant) };
    case "ParticipantSuspended":
      return { kind: "participantSuspended", ...args };
    case "ParticipantReinstated":
      return { kind: "participantReinstated", ...args };
    case "IdentityDisclosed":
      return { kind: "identityDisclosed", ...args, authority: lower(args.authority) };
    case "EntityJoined":
      return { kind: "entityJoined", ...args };
    case "EntityLeft":
      return { kind: "entityLeft", ...args };
    case "MeterEnrolled":
      return { kind: "meterEnrolled", ...args, deviceKey: lower(args.deviceKey) };
    case "MeterRetired":
      return { kind: "meterRetired", ...args };
    case "DeviceKeyRotated":
      return { kind: "deviceKeyRotated", ...args, deviceKey: lower(args.deviceKey) };
    case "DeviceKeyRevoked":
      return { kind: "deviceKeyRevoked", ...args, deviceKey: lower(args.deviceKey) };
    default:
      return null;
  }
}

function readClearingHouse({ topics, data }: Log): EventFact | null {
  const { eventName, args } = decodeEventLog({ abi: clearingHouseContract.abi, topics, data });
  switch (eventName) {
    case "MarketAdmitted":
      return { kind: "marketAdmitted", market: lower(args.market) };
    case "Deposited":
      return { kind: "deposited", ...args };
    case "Withdrawn":
      return { kind: "withdrawn", ...args };
    case "MarginAdded":
      return { kind: "marginAdded", ...args, market: lower(args.market) };
    case "MarginWithdrawalAnnounced": {
      const payableAt = Number(args.payableAt);
      return { kind: "marginWithdrawalAnnounced", ...args, market: lower(args.market), payableAt };
    }
    case "MarginWithdrawn":
      return { kind: "marginWithdrawn", ...args, market: lower(args.market) };
    case "MarginOverflowed":
      return { kind: "marginOverflowed", ...args, market: lower(args.market) };
    case "Held":
      return { kind: "held", ...args, market: lower(args.market) };
    case "Released":
      return { kind: "released", ...args, market: lower(args.market) };
    default:
      return null;
  }
}

function readMeterLedger({ topics, data }: Log): EventFact | null {
  const { eventName, args } = decodeEventLog({ abi: meterLedgerContract.abi, topics, data });
  switch (eventName) {
    case "ReadingsPublished":
      return { kind: "readingsPublished", ...args };
    case "PageClaimed": {
      const { purpose: claimPurpose, ...place } = args;
      return { kind: "pageClaimed", ...place, claimPurpose, claimant: lower(args.claimant) };
    }
    default:
      return null;
  }
}

function readPoolMarket({ topics, data }: Log, submission: Submission): EventFact | null {
  const { eventName, args } = decodeEventLog({ abi: poolMarketContract.abi, topics, data });
  switch (eventName) {
    case "AreaCreated": {
      const { areaId, operator, supplier, dso, fund, terms } = args;
      const accounts = { supplier, dso, fund };
      return { kind: "areaCreated", areaId, operator: lower(operator), accounts, terms: areaTerms(terms) };
    }
    case "SupplyAccepted":
      return { kind: "supplyAccepted", ...args };
    case "StepVerified":
      return { kind: "stepVerified", ...args, submission: submission.clearing };
    case "IntervalCleared":
      return {
        kind: "intervalCleared",
        areaId: args.areaId,
        intervalId: args.intervalId,
        pricing: pricingOf(args.pricing),
        localPriceMicroPerKwh: args.localPrice,
        clearedWh: args.clearedWh,
        bookRoot: args.bookRoot,
        submission: submission.clearing,
      };
    case "PageSettled":
      return { kind: "pageSettled", ...args, submission: submission.page ?? asContracted(submission) };
    case "IntervalSettled":
      return { kind: "intervalSettled", ...args };
    case "PageVoided":
      return { kind: "pageVoided", ...args, submission: submission.voided };
    case "IntervalVoided":
      return { kind: "intervalVoided", ...args };
    default:
      return null;
  }
}

/** A page that `voidPage` settled: other pages were paid already, and no readings came for this one. */
function asContracted({ voided }: Submission): PageSubmission | null {
  return voided && { positions: voided.positions, readings: null };
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

function pricingOf(number: number): "uniform" | "midpoint" {
  const pricing = (["uniform", "midpoint"] as const).find((name) => PRICING_NUMBER[name] === number);
  return present(pricing, `the name of pricing rule ${number}`);
}

function lower(address: string): Address {
  return address.toLowerCase() as Address;
}
