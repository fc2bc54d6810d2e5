import type { MarketMoney } from "#domains/accounts/audit/auditMoney.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import type { ChargingEvent } from "#domains/charging/events.ts";
import type { Allocation } from "#domains/charging/rules/allocateQuotas.ts";
import type { ChargingPrices } from "#domains/charging/rules/charges.ts";
import type { PeriodFault } from "#domains/charging/rules/periodFaults.ts";
import type { QuotaTerms, Windows } from "#domains/charging/rules/quotaTerms.ts";
import { quotaSeparator } from "#domains/charging/rules/signedQuotaOrder.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import { addressOf, type EventPlace } from "#platform/chain/contractSpec.ts";

/** A version of an area's terms, for periods from `fromPeriod` on. */
export type AuditedQuotaTerms = {
  readonly version: number;
  readonly fromPeriod: number;
  readonly terms: QuotaTerms;
};

/** A station in a period; `depositMicro` is what of it is in escrow. */
export type AuditedStation = {
  readonly demandW: number;
  depositMicro: bigint;
  quotaW: number;
  isPaid: boolean;
};

/** A period from its margin on, until all of its stations have their deposits back. `dso` and `fund` are members. */
export type AuditedPeriod = {
  readonly areaId: number;
  readonly period: number;
  readonly terms: QuotaTerms;
  readonly windows: Windows;
  readonly prices: ChargingPrices;
  readonly dso: number;
  readonly fund: number;
  readonly marginW: number;
  readonly stations: Map<number, AuditedStation>;
  readonly traded: ChargingEvent<"quotaTraded">[];
  allocation: Allocation | null;
  isCleared: boolean;
};

/** The newest publication of an interval's readings. */
export type Publication = { readonly root: Hex; readonly version: number };

/** The quota market as far as its history is replayed; periods and publications by {@link placeKey}. */
export type QuotaState = MarketAudit & {
  readonly separator: Uint8Array;
  readonly meterLedger: Address;
  readonly money: MarketMoney;
  readonly terms: Map<number, readonly AuditedQuotaTerms[]>;
  readonly periods: Map<string, AuditedPeriod>;
  readonly publications: Map<string, Publication>;
  /** Who demanded in the last periods, also in those that are over. */
  readonly demanding: Map<string, Set<number>>;
};

/** The contract whose rules these are. */
export const CONTRACT = "quotaMarket";

export function createQuotaState(audit: MarketAudit): QuotaState {
  const { chainId } = audit.deployment;
  return {
    ...audit,
    separator: quotaSeparator(chainId, addressOf(audit.deployment, CONTRACT)),
    meterLedger: addressOf(audit.deployment, "meterLedger"),
    money: audit.moneyOf(CONTRACT),
    terms: new Map(),
    periods: new Map(),
    publications: new Map(),
    demanding: new Map(),
  };
}

/** Periods whose demands are remembered: readings are published within days of their interval, in all areas of a chain. */
const REMEMBERED_PERIODS = 4_096;

/** Notes who demanded: payments open their readings, whatever becomes of the period. */
export function noteDemand(
  { demanding }: QuotaState,
  { areaId, period, member }: { readonly areaId: number; readonly period: number; readonly member: number },
): void {
  const key = placeKey(areaId, period);
  const members = demanding.get(key) ?? new Set();
  demanding.set(key, members.add(member));
  const [oldest] = demanding.keys();
  if (demanding.size > REMEMBERED_PERIODS && oldest !== undefined) demanding.delete(oldest);
}

/** Where a period or an interval of an area is found in maps. */
export function placeKey(areaId: number, id: number): string {
  return `${areaId}/${id}`;
}

type PeriodEvent = EventPlace & {
  readonly areaId: number;
  readonly period: number;
  readonly member?: number;
};

/** Ends the replay at an event of a period. */
export function refusePeriod(event: PeriodEvent, rule: string, finding: string): never {
  const { areaId, period, member } = event;
  const subject = { areaId, ...(member !== undefined && { member }) };
  throw discrepancyAt(event, { rule, finding: `period ${period}: ${finding}`, ...subject });
}

/** Ends the replay where a rule is broken. */
export function refuseFault(event: PeriodEvent, fault: PeriodFault | null): void {
  if (fault !== null) refusePeriod(event, fault.rule, fault.finding);
}

/** The period of an event, which must have been initialized. */
export function requirePeriod({ periods }: QuotaState, event: PeriodEvent): AuditedPeriod {
  const found = periods.get(placeKey(event.areaId, event.period));
  return found ?? refusePeriod(event, "quotaPeriod", "nothing was said of its margin");
}

/** The station of an event, which must have demanded. */
export function requireStation(
  period: AuditedPeriod,
  event: PeriodEvent & { readonly member: number },
): AuditedStation {
  const found = period.stations.get(event.member);
  return found ?? refusePeriod(event, "quotaStation", "the station demanded nothing");
}

/** Requires that the sender owns the account of a member, the area's DSO. */
export function requireDso({ areas, registry }: QuotaState, event: PeriodEvent, dso: number): void {
  const account = areas.memberOf({ areaId: event.areaId, member: dso })?.account ?? 0;
  const owner = registry.ownerOf(account);
  if (event.sender !== owner) refusePeriod(event, "quotaDso", `${event.sender} is not the DSO ${owner}`);
}

/** Requires that the market took `micro` into escrow, or let it out, in one movement that nothing explained before. */
export function requireMoved(event: PeriodEvent, what: string, moved: bigint | null, micro: bigint): void {
  if ((moved ?? 0n) === micro) return;
  refusePeriod(event, "quotaMoney", `${what} ${moved ?? 0n} micro, by the rules it is ${micro}`);
}

/** Amounts of an area's members by their seats. */
export function bySeat(areaId: number, amounts: readonly (readonly [number, bigint])[]) {
  const sums = new Map<number, bigint>();
  for (const [member, micro] of amounts) {
    const seat = seatOf({ areaId, member });
    if (micro !== 0n) sums.set(seat, (sums.get(seat) ?? 0n) + micro);
  }
  return sums;
}
