import type { MarketMoney } from "#domains/accounts/audit/auditMoney.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import type { AreaAccounts, AreaTerms, SettlementPrices } from "#domains/pool/rules/area.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import type { AccountPosition } from "#domains/pool/rules/positionWord.ts";
import { poolSeparator, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import type { Side } from "#kernel/auction/order.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import type { IntervalPlace } from "#platform/audit/replay.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";

/** Gives the orders of an interval that stand in the desk's archive; null when the archive does not cover it. */
export type OrderSource = (areaId: number, intervalId: number) => Promise<readonly SignedOrder[] | null>;

/** What the pool's replay works with. */
export type PoolAudit = MarketAudit & { readonly orders: OrderSource | null };

/** A market area as its event declared it. */
export type AuditedArea = {
  readonly areaId: number;
  readonly operator: Address;
  readonly accounts: AreaAccounts;
  readonly terms: AreaTerms;
};

/** How far the two sides of an interval's book have come: orders seen, and the last one of each. */
export type BookProgress = Record<Side, { count: number; last: SignedOrder | null }>;

/** A clearing whose last step has not come yet. `heldMicro` has what each step took into escrow. */
export type UnfinishedClearing = {
  readonly area: AuditedArea;
  readonly outcome: DeclaredOutcome;
  readonly progress: BookProgress;
  readonly steps: ClearingSubmission[];
  readonly heldMicro: bigint[];
};

/** What an interval's verified clearing left to settle. `positions` has one list a step. */
export type ClearedInterval = {
  readonly area: AuditedArea;
  readonly positions: readonly (readonly AccountPosition[])[];
  readonly prices: SettlementPrices;
  readonly supplierReserveMicro: bigint;
};

/** An interval between its clearing and the last of its pages. Money in micro. */
export type OpenInterval = ClearedInterval & {
  readonly openPages: Set<number>;
  isPaid: boolean;
  isVoided: boolean;
  escrowMicro: bigint;
  supplierMicro: bigint;
};

/**
 * The pool as far as its history is replayed. Intervals are found by {@link intervalKey}.
 *
 * @property supplied areas whose supplier agreed that its margin guarantees their surpluses
 * @property unfinished clearings whose last step has not come
 * @property intervals cleared, and not settled nor given back in full
 * @property givenUp what is left in escrow of unfinished clearings that are being given back, micro
 * @property done intervals of which nothing is to come
 * @property uncheckedBooks clearings whose other orders were not available
 */
export type PoolState = PoolAudit & {
  readonly separator: Uint8Array;
  readonly money: MarketMoney;
  readonly areas: Map<number, AuditedArea>;
  readonly supplied: Set<number>;
  readonly unfinished: Map<string, UnfinishedClearing>;
  readonly intervals: Map<string, OpenInterval>;
  readonly givenUp: Map<string, { escrowMicro: bigint }>;
  readonly done: Set<string>;
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
    areas: new Map(),
    supplied: new Set(),
    unfinished: new Map(),
    intervals: new Map(),
    givenUp: new Map(),
    done: new Set(),
    uncheckedBooks: 0,
  };
}

/** Where an interval is found in maps. */
export function intervalKey({ areaId, intervalId }: IntervalPlace): string {
  return `${areaId}/${intervalId}`;
}
