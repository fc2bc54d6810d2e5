import { and, asc, desc, eq, gt, gte, inArray, lt, or, sql } from "drizzle-orm";
import type { BilledEnergy } from "#domains/billing/rules/billReason.ts";
import { billLines } from "#domains/billing/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";

/** One interval of one member. */
export type BillLineView = typeof billLines.$inferSelect;

/** Lines of intervals that start in `[from, to)`, unix seconds. */
export type BillRange = {
  readonly areaIds?: readonly number[] | undefined;
  readonly account?: number | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/**
 * Sums over an account's lines. `marketBillMicro` is what the market charged and the rest at the tariff;
 * `tariffBillMicro` what the same readings cost without a market (R3.9). Lines whose tariff is not known count in
 * `linesWithoutTariff` and are left out of both bills. `boughtMicro` and `soldMicro` part the payments for trades into what
 * was paid and what was received, `gridMicro` and `feedInMicro` those beyond the market; a line with both counts by what was
 * left of them.
 */
export type BillView = BilledEnergy & {
  readonly account: number;
  readonly intervals: number;
  readonly boughtMicro: bigint;
  readonly soldMicro: bigint;
  readonly gridMicro: bigint;
  readonly feedInMicro: bigint;
  readonly marketBillMicro: bigint;
  readonly tariffBillMicro: bigint;
  readonly savingMicro: bigint;
  readonly linesWithoutTariff: number;
};

/** Lines of a bill, the latest first. */
export function listBillLines(db: Queryable, range: BillRange & Page): Promise<BillLineView[]> {
  return db
    .select()
    .from(billLines)
    .where(inRange(range))
    .orderBy(desc(billLines.startsAt), asc(billLines.areaId), asc(billLines.member))
    .limit(range.limit)
    .offset(range.offset);
}

/** Bills by rising account. */
export async function sumBills(db: Queryable, range: BillRange & Page): Promise<BillView[]> {
  const rows = await db
    .select(SUMS)
    .from(billLines)
    .where(inRange(range))
    .groupBy(billLines.account)
    .orderBy(asc(billLines.account))
    .limit(range.limit)
    .offset(range.offset);
  return rows.map((row) => ({ ...row, savingMicro: row.tariffBillMicro - row.marketBillMicro }));
}

/** Sums of a period. */
export type PeriodView = BillView & { readonly period: number };

/**
 * Sums of an account over periods that follow one another: period `i` is `[starts[i], starts[i + 1])`, unix seconds, the
 * last ends at `to`. Periods without a line are left out.
 */
export async function sumBillsByPeriod(db: Queryable, periods: Periods): Promise<PeriodView[]> {
  const period = periodOf(periods);
  const rows = await db
    .select({
      ...SUMS,
      account: sql<number>`max(${billLines.account})`.mapWith(Number),
      period: period.mapWith(Number),
    })
    .from(billLines)
    .where(inPeriods(periods))
    .groupBy(period)
    .orderBy(asc(period));
  return rows.map((row) => ({ ...row, savingMicro: row.tariffBillMicro - row.marketBillMicro }));
}

/** The first and the last interval of an area that have a line in a period. */
export type PeriodSpan = {
  readonly period: number;
  readonly areaId: number;
  readonly first: number;
  readonly last: number;
};

/** The spans of each period and area in which an account has a line. */
export function spansOfPeriods(db: Queryable, periods: Periods): Promise<PeriodSpan[]> {
  const period = periodOf(periods);
  return db
    .select({
      period: period.mapWith(Number),
      areaId: billLines.areaId,
      first: sql<number>`min(${billLines.intervalId})`.mapWith(billLines.intervalId),
      last: sql<number>`max(${billLines.intervalId})`.mapWith(billLines.intervalId),
    })
    .from(billLines)
    .where(inPeriods(periods))
    .groupBy(period, billLines.areaId)
    .orderBy(asc(period), asc(billLines.areaId));
}

/** Periods of an account's lines that follow one another, see {@link sumBillsByPeriod}. */
type Periods = {
  readonly account: number;
  readonly areaIds?: readonly number[] | undefined;
  readonly starts: readonly number[];
  readonly to: number;
};

/** Not parameters: the expression must be the same text where it is selected and where it groups. */
function periodOf({ starts }: Periods) {
  const bounds = sql.raw(starts.map((start) => BigInt(start).toString()).join(", "));
  return sql<number>`width_bucket(${billLines.startsAt}, array[${bounds}]::bigint[]) - 1`;
}

function inPeriods({ starts, ...range }: Periods) {
  return inRange({ ...range, from: starts[0] });
}

/** A place in an account's lines by rising start, then area and member. */
export type BillLinePlace = Pick<BillLineView, "startsAt" | "areaId" | "member">;

/** Lines of an account, the oldest first, after a place: a page that lines which come meanwhile do not move. */
export function listBillLinesAfter(
  db: Queryable,
  { after, limit, ...range }: BillRange & { account: number; after: BillLinePlace | null; limit: number },
): Promise<BillLineView[]> {
  return db
    .select()
    .from(billLines)
    .where(and(inRange(range), after === null ? undefined : isAfter(after)))
    .orderBy(asc(billLines.startsAt), asc(billLines.areaId), asc(billLines.member))
    .limit(limit);
}

function isAfter({ startsAt, areaId, member }: BillLinePlace) {
  const atStart = eq(billLines.startsAt, startsAt);
  return or(
    gt(billLines.startsAt, startsAt),
    and(atStart, gt(billLines.areaId, areaId)),
    and(atStart, eq(billLines.areaId, areaId), gt(billLines.member, member)),
  );
}

const SUMS = {
  account: billLines.account,
  intervals: COUNT,
  importWh: total(billLines.importWh),
  exportWh: total(billLines.exportWh),
  boughtWh: total(billLines.boughtWh),
  soldWh: total(billLines.soldWh),
  shortfallWh: total(billLines.shortfallWh),
  unconsumedWh: total(billLines.unconsumedWh),
  gridImportWh: total(billLines.gridImportWh),
  gridExportWh: total(billLines.gridExportWh),
  paymentMicro: total(billLines.paymentMicro),
  shortfallMicro: total(billLines.shortfallMicro),
  surplusMicro: total(billLines.surplusMicro),
  gridFeeMicro: total(billLines.gridFeeMicro),
  netMicro: total(billLines.netMicro),
  boughtMicro: total(sql`greatest(${billLines.paymentMicro}, 0)`),
  soldMicro: total(sql`greatest(-${billLines.paymentMicro}, 0)`),
  gridMicro: total(sql`greatest(${billLines.beyondMicro}, 0)`),
  feedInMicro: total(sql`greatest(-${billLines.beyondMicro}, 0)`),
  marketBillMicro: total(sql`${billLines.netMicro} + ${billLines.beyondMicro}`),
  tariffBillMicro: total(billLines.tariffMicro),
  linesWithoutTariff: sql<number>`count(*) - count(${billLines.tariffMicro})`.mapWith(Number),
};

function inRange({ areaIds, account, from, to }: BillRange) {
  return and(
    areaIds === undefined ? undefined : inArray(billLines.areaId, [...areaIds]),
    account === undefined ? undefined : eq(billLines.account, account),
    from === undefined ? undefined : gte(billLines.startsAt, from),
    to === undefined ? undefined : lt(billLines.startsAt, to),
  );
}
