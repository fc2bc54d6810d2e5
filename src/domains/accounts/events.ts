import { decodeEventLog, parseEventLogs } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { AddressBook, ChainEvent, ContractEvents, Fact } from "#platform/chain/contractSpec.ts";
import type { MinedLog } from "#platform/chain/readLogs.ts";
import {
  clearingHouseContract,
  participantRegistryContract,
  testTokenContract,
} from "./contracts.generated.ts";

type Meter = { readonly meterId: Hex };
type Amount = { readonly account: number; readonly amountMicro: bigint };

/** What the events of the registry of participants say. */
type RegistryFacts = {
  participantRegistered: { account: number; participant: Address; kycHash: Hex };
  participantSuspended: { account: number };
  participantReinstated: { account: number; kycHash: Hex };
  identityDisclosed: { account: number; authority: Address; reasonHash: Hex };
  entityJoined: { account: number; entity: number };
  entityLeft: { account: number; entity: number };
  meterEnrolled: Meter & { account: number; areaId: number; deviceKey: Address };
  meterRetired: Meter & { account: number; areaId: number };
  deviceKeyRotated: Meter & { deviceKey: Address };
  deviceKeyRevoked: Meter & { deviceKey: Address };
};

/** What the events of the clearing house say. */
type HouseFacts = {
  marketAdmitted: { market: Address };
  deposited: Amount;
  withdrawn: Amount;
  marginAdded: Amount & { market: Address };
  marginWithdrawalAnnounced: Amount & { market: Address; payableAt: number };
  marginWithdrawn: Amount & { market: Address };
  marginOverflowed: Amount & { market: Address };
  held: { market: Address; amountMicro: bigint };
  released: { market: Address; amountMicro: bigint };
};

/** Settlement currency that came into the clearing house or left it, micro. */
type TokenFacts = { tokenTransferred: { from: Address; to: Address; amountMicro: bigint } };

type FactOf<Contract extends string, Facts, Kind> = {
  [K in keyof Facts]: Readonly<Facts[K]> & { readonly contract: Contract; readonly kind: K };
}[Kind & keyof Facts];

type AccountsKind = keyof RegistryFacts | keyof HouseFacts | keyof TokenFacts;

/** A fact of one kind, without its place. */
export type AccountsFact<Kind extends AccountsKind = AccountsKind> =
  | FactOf<"registry", RegistryFacts, Kind>
  | FactOf<"clearingHouse", HouseFacts, Kind>
  | FactOf<"token", TokenFacts, Kind>;

export type AccountsEvent<Kind extends AccountsKind = AccountsKind> = ChainEvent<AccountsFact<Kind>>;

const CONTRACTS: readonly string[] = ["registry", "clearingHouse", "token"];

/** Whether an event is of the registry, of the clearing house or of the settlement currency. */
export function isAccountsEvent(event: Fact): event is AccountsEvent {
  return CONTRACTS.includes(event.contract);
}

/** Logs of the registry of participants. */
export const registryEvents = {
  name: "registry",
  abi: participantRegistryContract.abi,
  decode: ({ logs }) => logs.map(readRegistry),
} as const satisfies ContractEvents<AccountsFact>;

/** Logs of the clearing house. */
export const houseEvents = {
  name: "clearingHouse",
  abi: clearingHouseContract.abi,
  decode: ({ logs }) => logs.map(readHouse),
} as const satisfies ContractEvents<AccountsFact>;

/** Transfers of the settlement currency to the clearing house and from it; the others are not ours. */
export const tokenEvents = {
  name: "token",
  abi: testTokenContract.abi,
  isForAudit: true,
  decode: ({ logs, contracts }) => logs.map((log) => readToken(log, contracts)),
} as const satisfies ContractEvents<AccountsFact>;

function readRegistry({ topics, data }: MinedLog): AccountsFact | null {
  const { eventName, args } = decodeEventLog({ abi: participantRegistryContract.abi, topics, data });
  const contract = "registry";
  switch (eventName) {
    case "ParticipantRegistered":
      return { contract, kind: "participantRegistered", ...args, participant: lower(args.participant) };
    case "ParticipantSuspended":
      return { contract, kind: "participantSuspended", ...args };
    case "ParticipantReinstated":
      return { contract, kind: "participantReinstated", ...args };
    case "IdentityDisclosed":
      return { contract, kind: "identityDisclosed", ...args, authority: lower(args.authority) };
    case "EntityJoined":
      return { contract, kind: "entityJoined", ...args };
    case "EntityLeft":
      return { contract, kind: "entityLeft", ...args };
    case "MeterEnrolled":
      return { contract, kind: "meterEnrolled", ...args, deviceKey: lower(args.deviceKey) };
    case "MeterRetired":
      return { contract, kind: "meterRetired", ...args };
    case "DeviceKeyRotated":
      return { contract, kind: "deviceKeyRotated", ...args, deviceKey: lower(args.deviceKey) };
    case "DeviceKeyRevoked":
      return { contract, kind: "deviceKeyRevoked", ...args, deviceKey: lower(args.deviceKey) };
    default:
      return null;
  }
}

function readHouse({ topics, data }: MinedLog): AccountsFact | null {
  const { eventName, args } = decodeEventLog({ abi: clearingHouseContract.abi, topics, data });
  const contract = "clearingHouse";
  switch (eventName) {
    case "MarketAdmitted":
      return { contract, kind: "marketAdmitted", market: lower(args.market) };
    case "Deposited":
      return { contract, kind: "deposited", ...args };
    case "Withdrawn":
      return { contract, kind: "withdrawn", ...args };
    case "MarginAdded":
      return { contract, kind: "marginAdded", ...args, market: lower(args.market) };
    case "MarginWithdrawalAnnounced": {
      const payableAt = Number(args.payableAt);
      return { contract, kind: "marginWithdrawalAnnounced", ...args, market: lower(args.market), payableAt };
    }
    case "MarginWithdrawn":
      return { contract, kind: "marginWithdrawn", ...args, market: lower(args.market) };
    case "MarginOverflowed":
      return { contract, kind: "marginOverflowed", ...args, market: lower(args.market) };
    case "Held":
      return { contract, kind: "held", ...args, market: lower(args.market) };
    case "Released":
      return { contract, kind: "released", ...args, market: lower(args.market) };
    default:
      return null;
  }
}

function readToken(log: MinedLog, { clearingHouse }: AddressBook): AccountsFact | null {
  const [transfer] = parseEventLogs({ abi: testTokenContract.abi, eventName: "Transfer", logs: [log] });
  if (!transfer) return null;
  const from = lower(transfer.args.from);
  const to = lower(transfer.args.to);
  if (from !== clearingHouse && to !== clearingHouse) return null;
  return { contract: "token", kind: "tokenTransferred", from, to, amountMicro: transfer.args.value };
}

function lower(address: string): Address {
  return address.toLowerCase() as Address;
}
