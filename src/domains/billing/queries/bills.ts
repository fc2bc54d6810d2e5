import { and, asc, desc, eq, gt, inArray, or, type SQL, sql } from "drizzle-orm";
import { union } from "drizzle-orm/pg-core";
import { type ChargeSum, sumCharged } from "#domains/billing/rules/charge.ts";
import { allBillLines, allCharges, type billLines, SEALED_LINES } from "#domains/billing/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";
import { type PageOrder, readPage } from "#platform/store/sealed/heads.ts";
import { isOfInterval, isWithin } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";
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
  const { limit, offset } = range;
  const page = pageOf(range, { order: "newestTimes", rows: offset + limit, limit });
  const rows = await readPage(db, SEALED_LINES, page, (isNear) =>
    select(db, and(inRange(range), isNear))
      .orderBy(desc(allBillLines.startsAt), asc(allBillLines.areaId), asc(allBillLines.member))
      .limit(limit)
      .offset(offset),
  );
  return withCharges(db, rows);
}

/** Which lines of a time come first: by what they cost, the dearest or what was earned most. */
export type LineRank = "dearest" | "earnedMost";

/** Lines of a bill by what they come to, ties the latest first; those whose tariff is not known last. */
export async function rankBillLines(
  db: Queryable,
  { rank, limit, offset, ...range }: BillRange & Page & { readonly rank: LineRank },
): Promise<BillLineView[]> {
  const charged = db
    .select({
      areaId: allCharges.areaId,
      intervalId: allCharges.intervalId,
      member: allCharges.member,
      amountMicro: sql<bigint>`sum(${allCharges.amountMicro})`.as("charged_micro"),
    })
    .from(allCharges)
    .where(inRange(range, allCharges))
    .groupBy(allCharges.areaId, allCharges.intervalId, allCharges.member)
    .as("charged");
  const cost = sql`${allBillLines.beyondMicro} + coalesce(${charged.amountMicro}, 0)`;
  const rows = await db
    .select(tableColumns(allBillLines))
    .from(allBillLines)
    .leftJoin(
      charged,
      and(
        eq(charged.areaId, allBillLines.areaId),
        eq(charged.intervalId, allBillLines.intervalId),
        eq(charged.member, allBillLines.member),
      ),
    )
    .where(inRange(range))
    .orderBy(
      rank === "dearest" ? sql`${cost} desc nulls last` : sql`${cost} asc nulls last`,
      desc(allBillLines.startsAt),
      asc(allBillLines.areaId),
      asc(allBillLines.member),
    )
    .limit(limit)
    .offset(offset);
  return withCharges(db, rows);
}

/** The line of one member and interval; null without one. */
export async function findBillLine(
  db: Queryable,
  { areaId, intervalId, member }: { areaId: number; intervalId: number; member: number },
): Promise<BillLineView | null> {
  const isLine = and(isOfInterval(allBillLines, { areaId, intervalId }), eq(allBillLines.member, member));
  const rows = await select(db, isLine);
  const [line] = await withCharges(db, rows);
  return line ?? null;
}

/** Bills by rising account, of all that have a line or a charge. */
export async function sumBills(db: Queryable, range: BillRange & Page): Promise<BillView[]> {
  const accounts = await billedAccounts(db, range);
  if (accounts.length === 0) return [];
  const ofAccounts = and(inRange(range), inArray(allBillLines.account, accounts));
  const rows = await db
    .select({ account: allBillLines.account, ...SUMS })
    .from(allBillLines)
    .where(ofAccounts)
    .groupBy(allBillLines.account);
  const sums = new Map(rows.map((row) => [row.account, row]));
  const charged = byGroup(await sumCharges(db, { ...range, accounts }, sql<number>`${allCharges.account}`));
  return accounts.map((account) =>
    billOf({ ...NO_LINES, ...sums.get(account), account }, charged.get(account) ?? []),
  );
}

async function billedAccounts(db: Queryable, range: BillRange & Page): Promise<number[]> {
  const rows = await union(
    db.select({ account: allBillLines.account }).from(allBillLines).where(inRange(range)),
    db.select({ account: allCharges.account }).from(allCharges).where(inRange(range, allCharges)),
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
  const period = periodOf(periods, allBillLines);
  const rows = await db
    .select({ ...SUMS, period: period.mapWith(Number) })
    .from(allBillLines)
    .where(inPeriods(periods))
    .groupBy(period);
  const sums = new Map(rows.map((row) => [row.period, row]));
  const range = { accounts: [account], areaIds, from: starts[0], to };
  const charged = byGroup(await sumCharges(db, range, periodOf(periods, allCharges)));
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
  const period = periodOf(periods, allBillLines);
  return db
    .select({
      period: period.mapWith(Number),
      areaId: allBillLines.areaId,
      first: sql<number>`min(${allBillLines.intervalId})`.mapWith(allBillLines.intervalId),
      last: sql<number>`max(${allBillLines.intervalId})`.mapWith(allBillLines.intervalId),
    })
    .from(allBillLines)
    .where(inPeriods(periods))
    .groupBy(period, allBillLines.areaId)
    .orderBy(asc(period), asc(allBillLines.areaId));
}

/** Periods of an account's lines that follow one another, see {@link sumBillsByPeriod}. */
type Periods = {
  readonly account: number;
  readonly areaIds?: readonly number[] | undefined;
  readonly starts: readonly number[];
  readonly to: number;
};

/** Not parameters: the expression must be the same text where it is selected and where it groups. */
function periodOf({ starts }: Periods, table: typeof allBillLines | typeof allCharges) {
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
  const rest = after === null ? range : { ...range, from: Math.max(range.from ?? 0, after.startsAt) };
  const page = pageOf(rest, { order: "oldestTimes", rows: limit, limit });
  const rows = await readPage(db, SEALED_LINES, page, (isNear) =>
    select(db, and(inRange(rest), after === null ? undefined : isAfter(after), isNear))
      .orderBy(asc(allBillLines.startsAt), asc(allBillLines.areaId), asc(allBillLines.member))
      .limit(limit),
  );
  return withCharges(db, rows);
}

function select(db: Queryable, where: SQL | undefined) {
  return db.select(tableColumns(allBillLines)).from(allBillLines).where(where);
}

function pageOf(
  { areaIds: areaId, account, from: after, to: before }: BillRange,
  page: { readonly order: PageOrder; readonly rows: number; readonly limit: number },
) {
  return { ...page, shared: { areaId, account }, after, before };
}

function isAfter({ startsAt, areaId, member }: BillLinePlace) {
  const atStart = eq(allBillLines.startsAt, startsAt);
  return or(
    gt(allBillLines.startsAt, startsAt),
    and(atStart, gt(allBillLines.areaId, areaId)),
    and(atStart, eq(allBillLines.areaId, areaId), gt(allBillLines.member, member)),
  );
}

const SUMS = {
  intervals: COUNT,
  importWh: total(allBillLines.importWh),
  exportWh: total(allBillLines.exportWh),
  gridImportWh: total(allBillLines.gridImportWh),
  gridExportWh: total(allBillLines.gridExportWh),
  gridMicro: total(sql`greatest(${allBillLines.beyondMicro}, 0)`),
  feedInMicro: total(sql`greatest(-${allBillLines.beyondMicro}, 0)`),
  beyondBilledMicro: total(allBillLines.beyondMicro),
  tariffBillMicro: total(allBillLines.tariffMicro),
  linesWithoutTariff: sql<number>`count(*) - count(${allBillLines.tariffMicro})`.mapWith(Number),
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
  table: typeof allBillLines | typeof allCharges = allBillLines,
) {
  return and(
    areaIds === undefined ? undefined : inArray(table.areaId, [...areaIds]),
    account === undefined ? undefined : eq(table.account, account),
    isWithin(table, table.startsAt, { from, to }),
  );
}
