import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import type { AreaAccounts, AreaTerms } from "#domains/pool/rules/area.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent, Fact } from "#platform/chain/contractSpec.ts";
import type { DeclaredOutcome } from "./rules/clearingPlan.ts";
import type { SignedOrder } from "./rules/signedOrder.ts";

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
