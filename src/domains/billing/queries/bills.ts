import { and, asc, desc, eq, gt, gte, inArray, lt, or, sql } from "drizzle-orm";
import { union } from "drizzle-orm/pg-core";
import { type ChargeSum, sumCharged } from "#domains/billing/rules/charge.ts";
import { billLines, charges } from "#domains/billing/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";
import { type GroupedCharge, sumCharges, withCharges } from "./charges.ts";

type LineRow = typeof billLines.$inferSelect;

/** One interval of one member. `netMicro` is what its charges come to. */
export type BillLineView = LineRow & {
  readonly charges: readonly ChargeSum[];
  readonly netMicro: bigint;
};

/** Lines of intervals that start in `[from, to)`, unix seconds. */
export type BillRange = {
  readonly areaIds?: readonly number[] | undefined;
  readonly account?: number | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/**
 * Sums over an account's lines and charges. `netMicro` is what all charges come to; `marketBillMicro` that and the rest at the
 * tariff; `tariffBillMicro` what the same readings cost without a market (R3.9). Lines whose tariff is not known count in
 * `linesWithoutTariff` and are left out of both bills. `gridMicro` and `feedInMicro` part the payments beyond markets into what
 * was paid and what was received; a line with both counts by what was left of them. Charges of one kind stand twice where some
 * are for energy that was taken and some for energy that was given.
 */
export type BillView = {
  readonly account: number;
  readonly intervals: number;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly gridImportWh: bigint;
  readonly gridExportWh: bigint;
  readonly charges: readonly ChargeSum[];
  readonly netMicro: bigint;
  readonly gridMicro: bigint;
  readonly feedInMicro: bigint;
  readonly marketBillMicro: bigint;
  readonly tariffBillMicro: bigint;
  readonly savingMicro: bigint;
  readonly linesWithoutTariff: number;
};

/** Lines of a bill, the latest first. */
export async function listBillLines(db: Queryable, range: BillRange & Page): Promise<BillLineView[]> {
  const rows = await db
    .select()
    .from(billLines)
    .where(inRange(range))
    .orderBy(desc(billLines.startsAt), asc(billLines.areaId), asc(billLines.member))
    .limit(range.limit)
    .offset(range.offset);
  return withCharges(db, rows);
}

/** The line of one member and interval; null without one. */
export async function findBillLine(
  db: Queryable,
  { areaId, intervalId, member }: { areaId: number; intervalId: number; member: number },
): Promise<BillLineView | null> {
  const rows = await db
    .select()
    .from(billLines)
    .where(
      and(eq(billLines.areaId, areaId), eq(billLines.intervalId, intervalId), eq(billLines.member, member)),
    );
  const [line] = await withCharges(db, rows);
  return line ?? null;
}

/** Bills by rising account, of all that have a line or a charge. */
export async function sumBills(db: Queryable, range: BillRange & Page): Promise<BillView[]> {
  const accounts = await billedAccounts(db, range);
  if (accounts.length === 0) return [];
  const ofAccounts = and(inRange(range), inArray(billLines.account, accounts));
  const rows = await db
    .select({ account: billLines.account, ...SUMS })
    .from(billLines)
    .where(ofAccounts)
    .groupBy(billLines.account);
  const sums = new Map(rows.map((row) => [row.account, row]));
  const charged = byGroup(await sumCharges(db, { ...range, accounts }, sql<number>`${charges.account}`));
  return accounts.map((account) =>
    billOf({ ...NO_LINES, ...sums.get(account), account }, charged.get(account) ?? []),
  );
}

async function billedAccounts(db: Queryable, range: BillRange & Page): Promise<number[]> {
  const rows = await union(
    db.select({ account: billLines.account }).from(billLines).where(inRange(range)),
    db.select({ account: charges.account }).from(charges).where(inRange(range, charges)),
  )
    .orderBy(sql`1`)
    .limit(range.limit)
    .offset(range.offset);
  return rows.map(({ account }) => account);
}

function byGroup(list: readonly GroupedCharge[]): ReadonlyMap<number, readonly GroupedCharge[]> {
  const groups = new Map<number, GroupedCharge[]>();
  for (const charge of list) groups.set(charge.group, [...(groups.get(charge.group) ?? []), charge]);
  return groups;
}

function billOf(sums: LineSums & { account: number }, charged: readonly GroupedCharge[]): BillView {
  const { beyondBilledMicro, ...ofLines } = sums;
  const billedMicro = charged.reduce((sum, charge) => sum + charge.billedMicro, 0n);
  const marketBillMicro = beyondBilledMicro + billedMicro;
  return {
    ...ofLines,
    charges: charged.map(({ kind, energyWh, amountMicro }) => ({ kind, energyWh, amountMicro })),
    netMicro: sumCharged(charged),
    marketBillMicro,
    savingMicro: ofLines.tariffBillMicro - marketBillMicro,
  };
}

/** Sums of a period. */
export type PeriodView = BillView & { readonly period: number };

/**
 * Sums of an account over periods that follow one another: period `i` is `[starts[i], starts[i + 1])`, unix seconds, the
 * last ends at `to`. Periods without a line or a charge are left out.
 */
export async function sumBillsByPeriod(db: Queryable, periods: Periods): Promise<PeriodView[]> {
  const { account, areaIds, starts, to } = periods;
  const period = periodOf(periods, billLines);
  const rows = await db
    .select({ ...SUMS, period: period.mapWith(Number) })
    .from(billLines)
    .where(inPeriods(periods))
    .groupBy(period);
  const sums = new Map(rows.map((row) => [row.period, row]));
  const range = { accounts: [account], areaIds, from: starts[0], to };
  const charged = byGroup(await sumCharges(db, range, periodOf(periods, charges)));
  return [...new Set([...sums.keys(), ...charged.keys()])]
    .sort((a, b) => a - b)
    .map((number) => ({
      ...billOf({ ...NO_LINES, ...sums.get(number), account }, charged.get(number) ?? []),
      period: number,
    }));
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
  const period = periodOf(periods, billLines);
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
function periodOf({ starts }: Periods, table: typeof billLines | typeof charges) {
  const bounds = sql.raw(starts.map((start) => BigInt(start).toString()).join(", "));
  return sql<number>`width_bucket(${table.startsAt}, array[${bounds}]::bigint[]) - 1`;
}

function inPeriods({ starts, ...range }: Periods) {
  return inRange({ ...range, from: starts[0] });
}

/** A place in an account's lines by rising start, then area and member. */
export type BillLinePlace = Pick<BillLineView, "startsAt" | "areaId" | "member">;

/** Lines of an account, the oldest first, after a place: a page that lines which come meanwhile do not move. */
export async function listBillLinesAfter(
  db: Queryable,
  { after, limit, ...range }: BillRange & { account: number; after: BillLinePlace | null; limit: number },
): Promise<BillLineView[]> {
  const rows = await db
    .select()
    .from(billLines)
    .where(and(inRange(range), after === null ? undefined : isAfter(after)))
    .orderBy(asc(billLines.startsAt), asc(billLines.areaId), asc(billLines.member))
    .limit(limit);
  return withCharges(db, rows);
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
  intervals: COUNT,
  importWh: total(billLines.importWh),
  exportWh: total(billLines.exportWh),
  gridImportWh: total(billLines.gridImportWh),
  gridExportWh: total(billLines.gridExportWh),
  gridMicro: total(sql`greatest(${billLines.beyondMicro}, 0)`),
  feedInMicro: total(sql`greatest(-${billLines.beyondMicro}, 0)`),
  beyondBilledMicro: total(billLines.beyondMicro),
  tariffBillMicro: total(billLines.tariffMicro),
  linesWithoutTariff: sql<number>`count(*) - count(${billLines.tariffMicro})`.mapWith(Number),
};

const NO_LINES = {
  intervals: 0,
  importWh: 0n,
  exportWh: 0n,
  gridImportWh: 0n,
  gridExportWh: 0n,
  gridMicro: 0n,
  feedInMicro: 0n,
  beyondBilledMicro: 0n,
  tariffBillMicro: 0n,
  linesWithoutTariff: 0,
};

type LineSums = Readonly<typeof NO_LINES>;

function inRange(
  { areaIds, account, from, to }: BillRange,
  table: typeof billLines | typeof charges = billLines,
) {
  return and(
    areaIds === undefined ? undefined : inArray(table.areaId, [...areaIds]),
    account === undefined ? undefined : eq(table.account, account),
    from === undefined ? undefined : gte(table.startsAt, from),
    to === undefined ? undefined : lt(table.startsAt, to),
  );
}
