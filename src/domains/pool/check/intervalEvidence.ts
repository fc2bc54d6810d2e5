import type { AccountStanding, StandingWithFormer } from "#domains/accounts/rules/standing.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import type { AreaAccounts, AreaTerms } from "#domains/pool/rules/area.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import type { RecordedClearing } from "#domains/pool/rules/outcomeFault.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";

/**
 * All that proves one interval, wherever it was read: from the chain, from a server, or from both. Money in micro.
 *
 * @property steps the transactions of the clearing, in order; empty before it
 * @property rest the orders that were not submitted; null when they are not available
 * @property cleared what the contract recorded with the last step; null before it
 * @property readings the opened readings as their devices signed them, as far as they are available
 * @property pages the settled pages, by rising number
 * @property closing what the last page's settlement paid besides; null before it
 * @property returns the pages that were given back, as the chain has them
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
  readonly area: AreaEvidence;
  readonly steps: readonly StepEvidence[];
  readonly rest: RestEvidence | null;
  readonly cleared: RecordedClearing | null;
  readonly publication: PublicationEvidence | null;
  readonly readings: readonly ReadingEvidence[];
  readonly pages: readonly PageEvidence[];
  readonly closing: ClosingEvidence | null;
  readonly returns: readonly ReturnEvidence[];
  readonly movements: readonly MovementEvidence[] | null;
  readonly transactions: readonly TransactionEvidence[];
};

/** Evidence from the chain, with what its registry says of everybody, so that others' evidence can be compared with it. */
export type ChainIntervalEvidence = IntervalEvidence & {
  readonly standings: ReadonlyMap<number, StandingWithFormer>;
  readonly devices: ReadonlyMap<number, DeviceStanding>;
};

export type AreaEvidence = {
  readonly operator: Address;
  readonly accounts: AreaAccounts;
  readonly terms: AreaTerms;
};

/**
 * One transaction of a clearing.
 *
 * @property standings of the orders' accounts at this transaction
 * @property positions words of the positions that the step made; null when they are not available
 * @property heldMicro what the transaction took into escrow; null when it is not available
 */
export type StepEvidence = {
  readonly transactionHash: Hex;
  readonly sender: Address;
  readonly timestamp: number;
  readonly pricing: Pricing;
  readonly outcome: DeclaredOutcome;
  readonly bids: readonly SignedOrder[];
  readonly offers: readonly SignedOrder[];
  readonly isLast: boolean;
  readonly standings: ReadonlyMap<number, AccountStanding>;
  readonly positions: readonly bigint[] | null;
  readonly heldMicro: bigint | null;
};

/** The orders of a book that were not submitted, in merit order; `isComplete` when they are said to be all of them. */
export type RestEvidence = {
  readonly isComplete: boolean;
  readonly bids: readonly SignedOrder[];
  readonly offers: readonly SignedOrder[];
  readonly standings: ReadonlyMap<number, StandingWithFormer>;
};

export type PublicationEvidence = { readonly root: Hex; readonly version: number; readonly meters: number };

/** The metering point of an account and its device's key when the readings were published; null while it is revoked. */
export type DeviceStanding = { readonly meterId: Hex; readonly deviceKey: Address | null };

/** An opened reading as its device signed it, and the key of that device when the readings were published. */
export type ReadingEvidence = SignedReading & { readonly deviceKey: Address | null };

/**
 * A settled page. Every amount that left escrow is null where it is not known.
 *
 * @property timestamp of the block in which it was settled, unix seconds
 * @property positions words by step of the clearing, as they were brought
 * @property shown what the settlement showed of the readings; null when the page was settled as contracted
 */
export type PageEvidence = {
  readonly page: number;
  readonly transactionHash: Hex;
  readonly timestamp: number;
  readonly positions: readonly (readonly bigint[])[];
  readonly shown: ShownReadings | null;
  readonly gridFeeMicro: bigint;
  readonly releasedMicro: bigint | null;
};

export type ClosingEvidence = {
  readonly supplierMicro: bigint;
  readonly remainderMicro: bigint;
  readonly releasedMicro: bigint | null;
};

/** A page whose reserves were given back: of a clearing that was not finished, or that no readings came for. */
export type ReturnEvidence = {
  readonly page: number;
  readonly transactionHash: Hex;
  readonly timestamp: number;
  readonly releasedMicro: bigint | null;
};

/** A change of one account's balances; `kind` is the projection's word for its cause. */
export type MovementEvidence = {
  readonly account: number;
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
