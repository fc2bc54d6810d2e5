import { parseEventLogs } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { AddressBook, ChainEvent, ContractEvents, Fact, FactOf } from "#platform/chain/contractSpec.ts";
import { decodeLog } from "#platform/chain/decodeLog.ts";
import type { MinedLog } from "#platform/chain/readLogs.ts";
import {
  clearingHouseContract,
  participantRegistryContract,
  testTokenContract,
} from "./contracts.generated.ts";

type Account = { readonly account: number };
type Owner = Account & { readonly owner: Address };
/** `effectiveAt`: the first gate, by its closing in unix seconds, that it counts for. */
type Entity = Account & { readonly entity: number; readonly effectiveAt: number };

/** What the events of the registry of participants say. */
type RegistryFacts = {
  membershipsSet: { memberships: Address };
  participantRegistered: Owner & { kycHash: Hex };
  participantSuspended: Account;
  participantReinstated: Account & { kycHash: Hex };
  identityDisclosed: Account & { authority: Address; reasonHash: Hex };
  signerAnnounced: Account & { signer: Address; effectiveAt: number };
  ownerNamed: Owner;
  ownerChanged: Owner;
  recoveryProposed: Owner & { takeableAt: number };
  recoveryRefused: Owner;
  entitySet: Account & { isEntity: boolean };
  entityRequested: Account & { entity: number };
  entityJoined: Entity;
  entityLeft: Entity;
};

type Market = { readonly market: Address };
type FreeMoney = Account & { readonly amountMicro: bigint };
type Margin = Market & { readonly seat: number; readonly amountMicro: bigint };
type Escrow = Market & { readonly amountMicro: bigint };

/** What the events of the clearing house say. */
type HouseFacts = {
  marketAdmitted: Market;
  marketRetired: Market;
  deposited: FreeMoney;
  withdrawn: FreeMoney;
  marginAdded: Margin;
  marginWithdrawalAnnounced: Margin & { payableAt: number };
  marginWithdrawn: Margin;
  marginOverflowed: Margin;
  /** Paid from one seat's margin to another's; `owedMicro` is what the first owes the second after it. */
  marginTransferred: Market & { from: number; to: number; paidMicro: bigint; owedMicro: bigint };
  held: Escrow;
  released: Escrow;
};

/** Settlement currency that came into the clearing house or left it, micro. */
type TokenFacts = { tokenTransferred: { from: Address; to: Address; amountMicro: bigint } };

type AccountsKind = keyof RegistryFacts | keyof HouseFacts | keyof TokenFacts;

/** A fact of one kind, without its place. */
export type AccountsFact<Kind extends AccountsKind = AccountsKind> =
  | FactOf<"registry", RegistryFacts, Kind>
  | FactOf<"clearingHouse", HouseFacts, Kind>
  | FactOf<"token", TokenFacts, Kind>;

/** A fact of the registry of participants, without its place. */
export type RegistryFact<Kind extends keyof RegistryFacts = keyof RegistryFacts> = FactOf<
  "registry",
  RegistryFacts,
  Kind
>;

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

/** The fact of a log of the registry; null for one that says nothing of accounts. */
export function readRegistry(log: MinedLog): RegistryFact | null {
  const { eventName, args } = decodeLog(participantRegistryContract.abi, log);
  const contract = "registry";
  switch (eventName) {
    case "MembershipsSet":
      return { contract, kind: "membershipsSet", memberships: lower(args.memberships) };
    case "ParticipantRegistered":
      return { contract, kind: "participantRegistered", ...args, owner: lower(args.owner) };
    case "ParticipantSuspended":
      return { contract, kind: "participantSuspended", ...args };
    case "ParticipantReinstated":
      return { contract, kind: "participantReinstated", ...args };
    case "IdentityDisclosed":
      return { contract, kind: "identityDisclosed", ...args, authority: lower(args.authority) };
    case "SignerAnnounced": {
      const effectiveAt = Number(args.effectiveAt);
      return { contract, kind: "signerAnnounced", ...args, signer: lower(args.signer), effectiveAt };
    }
    case "OwnerNamed":
      return { contract, kind: "ownerNamed", ...args, owner: lower(args.owner) };
    case "OwnerChanged":
      return { contract, kind: "ownerChanged", ...args, owner: lower(args.owner) };
    case "RecoveryProposed": {
      const takeableAt = Number(args.takeableAt);
      return { contract, kind: "recoveryProposed", ...args, owner: lower(args.owner), takeableAt };
    }
    case "RecoveryRefused":
      return { contract, kind: "recoveryRefused", ...args, owner: lower(args.owner) };
    case "EntitySet":
      return { contract, kind: "entitySet", ...args };
    case "EntityRequested":
      return { contract, kind: "entityRequested", ...args };
    case "EntityJoined":
      return { contract, kind: "entityJoined", ...args, effectiveAt: Number(args.effectiveAt) };
    case "EntityLeft":
      return { contract, kind: "entityLeft", ...args, effectiveAt: Number(args.effectiveAt) };
    default:
      return null;
  }
}

function readHouse(log: MinedLog): AccountsFact | null {
  const { eventName, args } = decodeLog(clearingHouseContract.abi, log);
  const contract = "clearingHouse";
  switch (eventName) {
    case "MarketAdmitted":
      return { contract, kind: "marketAdmitted", market: lower(args.market) };
    case "MarketRetired":
      return { contract, kind: "marketRetired", market: lower(args.market) };
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
    case "MarginTransferred":
      return { contract, kind: "marginTransferred", ...args, market: lower(args.market) };
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
