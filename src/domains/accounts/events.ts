import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent, Fact } from "#platform/chain/contractSpec.ts";

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
