import type { MemberStanding, StandingWithFormer } from "#domains/accounts/rules/standing.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import type { AreaParties, AreaTerms } from "#domains/pool/rules/area.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import type { RecordedClearing } from "#domains/pool/rules/outcomeFault.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";

/**
 * All that proves one interval, wherever it was read: from the chain, from a server, or from both. Money in micro, people by
 * their numbers as members of the area.
 *
 * @property attempt clearings of the interval that were given up before this one
 * @property steps the transactions of the clearing, in order; empty before it
 * @property rest the orders that were not submitted; null when they are not available
 * @property cleared what the contract recorded with the last step; null before it
 * @property positions of the clearing by page, as far as they are told
 * @property publications the versions of the readings that were published, the first first
 * @property readings the opened readings as their devices signed them, as far as they are available
 * @property pages the settled pages, by rising number
 * @property closing what the last page's settlement paid besides; null before it
 * @property returns the pages that were given back, of this clearing and of those given up, as the chain has them
 * @property abandoned the clearings that were given up, the first first
 * @property movements every change of balances that the interval caused; null when nobody kept them
 * @property transactions all that tell of the interval, in the order of the chain
 */
export type IntervalEvidence = {
  readonly chainId: number;
  readonly poolMarket: Address;
  readonly meterLedger: Address;
  readonly areaId: number;
  readonly intervalId: number;
  readonly stage: Stage;
  readonly attempt: number;
  readonly area: AreaEvidence;
  readonly steps: readonly StepEvidence[];
  readonly rest: RestEvidence | null;
  readonly cleared: RecordedClearing | null;
  readonly positions: readonly PagePositions[];
  readonly publications: readonly PublicationEvidence[];
  readonly readings: readonly ReadingEvidence[];
  readonly pages: readonly PageEvidence[];
  readonly closing: ClosingEvidence | null;
  readonly returns: readonly ReturnEvidence[];
  readonly abandoned: readonly AbandonedEvidence[];
  readonly movements: readonly MovementEvidence[] | null;
  readonly transactions: readonly TransactionEvidence[];
};

/** Evidence from the chain, with what its registries say of everybody, so that others' evidence can be compared with it. */
export type ChainIntervalEvidence = IntervalEvidence & {
  readonly standings: ReadonlyMap<number, StandingWithFormer>;
  readonly devices: ReadonlyMap<number, DeviceStanding>;
};

/**
 * What the area says of the interval.
 *
 * @property parties its supplier, DSO and fund when the clearing began
 * @property waitingSeconds how long a reading is waited for after the interval
 * @property termsVersion the version of its terms that holds for the interval, as `terms` are
 */
export type AreaEvidence = {
  readonly parties: AreaParties;
  readonly waitingSeconds: number;
  readonly termsVersion: number;
  readonly terms: AreaTerms;
};

/**
 * One transaction of a clearing.
 *
 * @property operator who operated the area then
 * @property standings of the orders' members at this transaction, for the interval's gate
 * @property heldMicro what the transaction took into escrow, less what it let go
 */
export type StepEvidence = {
  readonly transactionHash: Hex;
  readonly sender: Address;
  readonly operator: Address;
  readonly timestamp: number;
  readonly outcome: DeclaredOutcome;
  readonly bids: readonly SignedOrder[];
  readonly offers: readonly SignedOrder[];
  readonly isLast: boolean;
  readonly standings: ReadonlyMap<number, MemberStanding>;
  readonly heldMicro: bigint;
};

/** The orders of a book that were not submitted, in merit order; `isComplete` when they are said to be all of them. */
export type RestEvidence = {
  readonly isComplete: boolean;
  readonly bids: readonly SignedOrder[];
  readonly offers: readonly SignedOrder[];
  readonly standings: ReadonlyMap<number, StandingWithFormer>;
};

/** The positions of a page, packed as the contract takes them (see packPositions). */
export type PagePositions = { readonly page: number; readonly words: readonly bigint[] };

/** A version of the published readings; `timestamp` is its block's, unix seconds. */
export type PublicationEvidence = {
  readonly version: number;
  readonly root: Hex;
  readonly meters: number;
  readonly timestamp: number;
};

/** A member's metering point and its device's key at the end of the interval; null where it was revoked. */
export type DeviceStanding = { readonly meterId: Hex; readonly deviceKey: Address | null };

/** An opened reading as its device signed it, and the key of that device at the end of the interval. */
export type ReadingEvidence = SignedReading & { readonly deviceKey: Address | null };

/** Exported energy of a member that was claimed elsewhere, Wh. */
export type MemberClaim = { readonly member: number; readonly energyWh: bigint };

/**
 * A settled page.
 *
 * @property timestamp of the block in which it was settled, unix seconds
 * @property version of the readings by which it was settled; null when none were published
 * @property shown what the settlement showed of the readings; null when it was not brought to the market directly
 * @property missing members that were counted as zero for want of a reading, bit n % 256 for member n
 * @property taken members whose energy another market had claimed before, likewise
 * @property claims what single claims had taken of exports before
 * @property releasedMicro what left escrow, with the last page all that was left
 */
export type PageEvidence = {
  readonly page: number;
  readonly transactionHash: Hex;
  readonly timestamp: number;
  readonly version: number | null;
  readonly shown: ShownReadings | null;
  readonly missing: bigint;
  readonly taken: bigint;
  readonly claims: readonly MemberClaim[];
  readonly gridFeeMicro: bigint;
  readonly releasedMicro: bigint;
};

/** What was paid besides with the last page. */
export type ClosingEvidence = {
  readonly page: number;
  readonly supplierMicro: bigint;
  readonly remainderMicro: bigint;
};

/** A page whose reserves were given back: of a clearing that was given up, or that no readings came for. */
export type ReturnEvidence = {
  readonly attempt: number;
  readonly page: number;
  readonly transactionHash: Hex;
  readonly timestamp: number;
  readonly releasedMicro: bigint;
};

/**
 * A clearing that was given up.
 *
 * @property heldMicro what its transactions took into escrow
 * @property releasedMicro what the supplier had back at once
 * @property isReturned whether all its pages are given back
 */
export type AbandonedEvidence = {
  readonly attempt: number;
  readonly transactionHash: Hex;
  readonly timestamp: number;
  readonly heldMicro: bigint;
  readonly releasedMicro: bigint;
  readonly isReturned: boolean;
};

/** A change of one member's balances; `kind` is the projection's word for its cause. */
export type MovementEvidence = {
  readonly member: number;
  readonly kind: string;
  readonly freeMicro: bigint;
  readonly marginMicro: bigint;
  readonly escrowMicro: bigint;
};

/**
 * A transaction that told of the interval.
 *
 * @property timestamp of its block, unix seconds
 * @property purpose function of Commonwatt's contracts that it called; null when it called another one
 */
export type TransactionEvidence = {
  readonly transactionHash: Hex;
  readonly block: number;
  readonly timestamp: number;
  readonly sender: Address;
  readonly purpose: string | null;
  readonly gasUsed: bigint;
};
