import type { MarketMoney } from "#domains/accounts/audit/auditMoney.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import type { AreaParties, SettlementPrices } from "#domains/pool/rules/area.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import type { MemberPosition, PositionPacking } from "#domains/pool/rules/positionWord.ts";
import type { Settled } from "#domains/pool/rules/settledSeal.ts";
import { poolSeparator, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import type { TermsVersion } from "#domains/pool/rules/termsVersion.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import type { Side } from "#kernel/auction/order.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { IntervalPlace } from "#platform/audit/replay.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";

/** Gives the orders of an interval that stand in the desk's archive; null when the archive does not cover it. */
export type OrderSource = (areaId: number, intervalId: number) => Promise<readonly SignedOrder[] | null>;

/** What the pool's replay works with. */
export type PoolAudit = MarketAudit & { readonly orders: OrderSource | null };

/** A supplier's word that it stands for the surpluses of an area, under an operator, in intervals before `until`. */
export type Acceptance = { readonly supplier: number; readonly operator: Address; readonly until: number };

/** The versions of an area's terms, by rising number, with what its supplier said of each. */
export type AuditedTerms = TermsVersion & { readonly acceptance: Acceptance | null };

/** A step of a clearing; the last one is the interval's clearing. */
export type ClearingEvent = PoolEvent<"stepVerified" | "intervalCleared">;

/** How far the two sides of an interval's book have come: orders seen, and the last one of each. */
export type BookProgress = Record<Side, { count: number; last: SignedOrder | null }>;

/**
 * What a clearing holds, as far as its steps are in. Money in micro.
 *
 * @property parties of the area when the clearing began, as `terms` are
 * @property supplierReserveMicro of the supplier's margin, since the first step; 0 where the clearing is unsupplied
 * @property positions by rising member; until the last step with those of nothing, of members that have an order
 */
export type HeldClearing = IntervalPlace & {
  readonly attempt: number;
  readonly parties: AreaParties;
  readonly terms: AuditedTerms;
  readonly isSupplied: boolean;
  readonly prices: SettlementPrices;
  readonly packing: PositionPacking;
  readonly supplierReserveMicro: bigint;
  readonly positions: readonly MemberPosition[];
};

/**
 * A clearing under way.
 *
 * @property sides on which members have orders
 */
export type UnfinishedClearing = HeldClearing & {
  readonly outcome: DeclaredOutcome;
  readonly progress: BookProgress;
  readonly sides: Map<number, Side>;
  readonly steps: readonly ClearingSubmission[];
};

/** A clearing that was given up, until its pages are given back. */
export type AbandonedClearing = HeldClearing & { readonly openPages: Set<number> };

/**
 * An interval between its clearing and the last of its pages. Money in micro.
 *
 * @property supplierMicro what the supplier gets with the last page
 */
export type OpenInterval = HeldClearing & {
  readonly openPages: Set<number>;
  isPaid: boolean;
  isReturned: boolean;
  escrowMicro: bigint;
  supplierMicro: bigint;
};

/**
 * An interval of which a page was settled: little of it is kept, until its final settlement.
 *
 * @property finalAt when its corrections end, unix seconds
 * @property members with a position
 * @property seals of its settled pages
 */
export type SettledInterval = {
  readonly finalAt: number;
  readonly members: ReadonlySet<number>;
  readonly seals: Map<number, Hex>;
};

/**
 * The pool as far as its history is replayed. Intervals are found by {@link intervalKey}.
 *
 * @property terms versions of each area's terms, by rising number
 * @property unsupplied the clearing that the transaction under way said to be without a supplier
 * @property unfinished clearings whose last step has not come
 * @property abandoned clearings that were given up and are not given back in full, by {@link attemptKey}
 * @property intervals cleared, and not settled nor given back in full
 * @property settled intervals that corrected readings may still change, as their pages are sealed
 * @property corrected the last page that this transaction corrected, as it is settled now
 * @property attempts how many clearings of an interval were given up, as long as another may start
 * @property done when delivery begins, unix seconds, of intervals that could be cleared until then and have been
 * @property uncheckedBooks clearings whose other orders were not available
 */
export type PoolState = PoolAudit & {
  readonly separator: Uint8Array;
  readonly money: MarketMoney;
  readonly terms: Map<number, readonly AuditedTerms[]>;
  unsupplied: string | null;
  readonly unfinished: Map<string, UnfinishedClearing>;
  readonly abandoned: Map<string, AbandonedClearing>;
  readonly intervals: Map<string, OpenInterval>;
  readonly settled: Map<string, SettledInterval>;
  corrected: { readonly seal: Hex; readonly settled: Settled } | null;
  readonly attempts: Map<string, { readonly count: number; readonly beginsAt: number }>;
  readonly done: Map<string, number>;
  uncheckedBooks: number;
};

/** The contract whose rules these are. */
const CONTRACT = "poolMarket";

/** The pool before its first event. */
export function createPoolState(audit: PoolAudit): PoolState {
  const { chainId } = audit.deployment;
  return {
    ...audit,
    separator: poolSeparator(chainId, addressOf(audit.deployment, CONTRACT)),
    money: audit.moneyOf(CONTRACT),
    terms: new Map(),
    unsupplied: null,
    unfinished: new Map(),
    abandoned: new Map(),
    intervals: new Map(),
    settled: new Map(),
    corrected: null,
    attempts: new Map(),
    done: new Map(),
    uncheckedBooks: 0,
  };
}

/** Forgets the intervals whose delivery has begun: a clearing of them is refused for that. */
export function forgetDone({ done, attempts }: PoolState, timestamp: number): void {
  for (const [key, beginsAt] of done) if (beginsAt <= timestamp) done.delete(key);
  for (const [key, { beginsAt }] of attempts) if (beginsAt <= timestamp) attempts.delete(key);
}

/** Where an interval is found in maps. */
export function intervalKey({ areaId, intervalId }: IntervalPlace): string {
  return `${areaId}/${intervalId}`;
}

/** Where a clearing of an interval is found in maps. */
export function attemptKey(event: IntervalPlace & { readonly attempt: number }): string {
  return `${intervalKey(event)}/${event.attempt}`;
}

/** Amounts of an area's members by their seats, as the clearing house keeps them. */
export function bySeat(
  areaId: number,
  amounts: Iterable<readonly [number, bigint]>,
): ReadonlyMap<number, bigint> {
  return new Map([...amounts].map(([member, micro]) => [seatOf({ areaId, member }), micro]));
}

/** What went into escrow since the last event that explained such a movement, less what left it, micro. */
export function takeEscrow({ money }: PoolState): bigint {
  let micro = 0n;
  for (let held = money.takeHeld(); held !== null; held = money.takeHeld()) micro += held;
  for (let released = money.takeReleased(); released !== null; released = money.takeReleased())
    micro -= released;
  return micro;
}
