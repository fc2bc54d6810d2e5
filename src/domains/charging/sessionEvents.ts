import { decodeEventLog } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { abiOfLog } from "#platform/chain/abiOf.ts";
import type { ChainEvent, ContractEvents, Fact } from "#platform/chain/contractSpec.ts";
import { readCalls } from "#platform/chain/readCalls.ts";
import type { MinedLog } from "#platform/chain/readLogs.ts";
import type { SessionProof } from "./chargingSessions.ts";
import { chargingSessionsContract } from "./contracts.generated.ts";
import {
  type SessionSubmission,
  sessionSubmissionsOf,
  takeProof,
  takeSignature,
} from "./sessionSubmissions.ts";

/** What each kind of event says of charging sessions. Money in micro, times in unix seconds, drivers and payees by their seats. */
type SessionFacts = {
  stationRegistered: { stationId: Hex; seat: number; moduleKey: Address; number: bigint };
  moduleRevoked: { stationId: Hex; moduleKey: Address };
  tariffAnnounced: { stationId: Hex; version: number; tariffHash: Hex };
  /** A `signature` is null when the transaction did not call the contract itself. */
  walletHeld: {
    id: Hex;
    driver: number;
    payee: number;
    session: Hex;
    limitMicro: bigint;
    expiresAt: number;
    signature: Hex | null;
  };
  sessionCharged: { id: Hex; amountMicro: bigint; invoiceHash: Hex; disputableUntil: number };
  sessionDisputed: { id: Hex; answerableUntil: number };
  /** A `proof` is null as a signature is. */
  sessionProven: { id: Hex; totalMicro: bigint; proof: SessionProof | null };
  sessionFinished: { id: Hex; paidMicro: bigint; returnedMicro: bigint };
};

type SessionKind = keyof SessionFacts;

/** What an event of the sessions' contract says, without its place. */
export type SessionFact<Kind extends SessionKind = SessionKind> = {
  [K in Kind]: Readonly<SessionFacts[K]> & { readonly contract: "chargingSessions"; readonly kind: K };
}[Kind];

export type SessionEvent<Kind extends SessionKind = SessionKind> = ChainEvent<SessionFact<Kind>>;

export function isSessionEvent(event: Fact): event is SessionEvent {
  return event.contract === "chargingSessions";
}

/** Logs of the sessions' contract, with what its calldata submitted. */
export const sessionEvents = {
  name: "chargingSessions",
  abi: chargingSessionsContract.abi,
  decode: ({ logs, input }) => {
    const submitted = sessionSubmissionsOf(readCalls(chargingSessionsContract.abi, input));
    return logs.map((log) => readSessions(log, submitted));
  },
} as const satisfies ContractEvents<SessionFact>;

function readSessions({ topics, data }: MinedLog, submitted: SessionSubmission[]): SessionFact | null {
  const abi = abiOfLog(chargingSessionsContract.abi, topics);
  const { eventName, args } = decodeEventLog({ abi, topics, data });
  const contract = "chargingSessions";
  switch (eventName) {
    case "StationRegistered":
      return { contract, kind: "stationRegistered", ...args, moduleKey: lower(args.moduleKey) };
    case "ModuleRevoked":
      return { contract, kind: "moduleRevoked", ...args, moduleKey: lower(args.moduleKey) };
    case "TariffAnnounced":
      return { contract, kind: "tariffAnnounced", ...args };
    case "WalletHeld": {
      const signature = takeSignature(submitted, args);
      return { contract, kind: "walletHeld", ...args, limitMicro: BigInt(args.limitMicro), signature };
    }
    case "SessionCharged": {
      const { disputableUntil, amountMicro, ...rest } = args;
      const times = { disputableUntil: Number(disputableUntil) };
      return { contract, kind: "sessionCharged", ...rest, ...times, amountMicro: BigInt(amountMicro) };
    }
    case "SessionDisputed":
      return {
        contract,
        kind: "sessionDisputed",
        id: args.id,
        answerableUntil: Number(args.answerableUntil),
      };
    case "SessionProven":
      return { contract, kind: "sessionProven", ...args, proof: takeProof(submitted, args.id) };
    case "SessionFinished": {
      const { id, paidMicro, returnedMicro } = args;
      const amounts = { paidMicro: BigInt(paidMicro), returnedMicro: BigInt(returnedMicro) };
      return { contract, kind: "sessionFinished", id, ...amounts };
    }
    default:
      return null;
  }
}

function lower(address: string): Address {
  return address.toLowerCase() as Address;
}
