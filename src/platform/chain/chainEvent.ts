import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import type { AreaAccounts, AreaTerms } from "#domains/pool/rules/area.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";

/**
 * Where an event stands on the chain, and the transaction that caused it (R6.3).
 *
 * @property timestamp of the block, unix seconds
 * @property logIndex of the event within its block
 * @property gasUsed by the whole transaction
 * @property purpose function of Commonwatt's contracts that the transaction called; null when it called another one
 */
export type EventPlace = {
  readonly block: number;
  readonly blockHash: Hex;
  readonly timestamp: number;
  readonly logIndex: number;
  readonly transactionHash: Hex;
  readonly transactionIndex: number;
  readonly sender: Address;
  readonly gasUsed: bigint;
  readonly purpose: string | null;
};

/** The orders that a transaction brought, as the contract read them. */
export type ClearingSubmission = {
  readonly pricing: Pricing;
  readonly outcome: DeclaredOutcome;
  readonly bids: readonly SignedOrder[];
  readonly offers: readonly SignedOrder[];
  readonly isLast: boolean;
};

/**
 * What a settlement brought: for each step of the clearing the page's position words, and the page's readings; null when
 * the page was settled as contracted, since none came (docs/decisions/009).
 */
export type PageSubmission = {
  readonly positions: readonly (readonly bigint[])[];
  readonly readings: ShownReadings | null;
};

/** The position words of a page that was given back, one list a step of the clearing. */
export type VoidSubmission = { readonly positions: readonly (readonly bigint[])[] };

type Interval = { readonly areaId: number; readonly intervalId: number };
type Page = Interval & { readonly page: number };
type Meter = { readonly meterId: Hex };
type Amount = { readonly account: number; readonly amountMicro: bigint };

/** What each kind of event says. A `submission` is null when the transaction did not call the pool market itself. */
type EventFacts = {
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
  marketAdmitted: { market: Address };
  deposited: Amount;
  withdrawn: Amount;
  marginAdded: Amount & { market: Address };
  marginWithdrawalAnnounced: Amount & { market: Address; payableAt: number };
  marginWithdrawn: Amount & { market: Address };
  marginOverflowed: Amount & { market: Address };
  held: { market: Address; amountMicro: bigint };
  released: { market: Address; amountMicro: bigint };
  readingsPublished: Interval & { version: number; root: Hex; meters: number };
  pageClaimed: Page & { claimPurpose: number; claimant: Address };
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

export type EventKind = keyof EventFacts;

/** An event of one kind, without its place. */
export type EventFact<Kind extends EventKind = EventKind> = {
  [K in Kind]: Readonly<EventFacts[K]> & { readonly kind: K };
}[Kind];

/** An event of Commonwatt's contracts in domain values, at its place on the chain. */
export type ChainEvent<Kind extends EventKind = EventKind> = EventFact<Kind> & EventPlace;
