import { and, asc, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import type { Queryable } from "../openStore.ts";
import { billLines } from "../schema.ts";
import type { Page } from "./page.ts";

/** One interval of one account. */
export type BillLineView = typeof billLines.$inferSelect;

/** Lines of intervals that start in `[from, to)`, unix seconds. */
export type BillRange = {
  readonly account?: number | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/**
 * Sums over an account's lines. `marketBillMicro` is what the market charged and the rest at the tariff;
 * `tariffBillMicro` what the same readings cost without a market (R3.9). Lines whose tariff is not known count in
 * `linesWithoutTariff` and are left out of both bills.
 */
export type BillView = {
  readonly account: number;
  readonly intervals: number;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly boughtWh: bigint;
  readonly soldWh: bigint;
  readonly shortfallWh: bigint;
  readonly unconsumedWh: bigint;
  readonly gridImportWh: bigint;
  readonly gridExportWh: bigint;
  readonly paymentMicro: bigint;
  readonly shortfallMicro: bigint;
  readonly surplusMicro: bigint;
  readonly gridFeeMicro: bigint;
  readonly netMicro: bigint;
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
    .orderBy(desc(billLines.startsAt), asc(billLines.areaId), asc(billLines.account))
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

const SUMS = {
  account: billLines.account,
  intervals: sql<number>`count(*)`.mapWith(Number),
  importWh: total(sql`${billLines.importWh}`),
  exportWh: total(sql`${billLines.exportWh}`),
  boughtWh: total(sql`${billLines.boughtWh}`),
  soldWh: total(sql`${billLines.soldWh}`),
  shortfallWh: total(sql`${billLines.shortfallWh}`),
  unconsumedWh: total(sql`${billLines.unconsumedWh}`),
  gridImportWh: total(sql`${billLines.gridImportWh}`),
  gridExportWh: total(sql`${billLines.gridExportWh}`),
  paymentMicro: total(sql`${billLines.paymentMicro}`),
  shortfallMicro: total(sql`${billLines.shortfallMicro}`),
  surplusMicro: total(sql`${billLines.surplusMicro}`),
  gridFeeMicro: total(sql`${billLines.gridFeeMicro}`),
  netMicro: total(sql`${billLines.netMicro}`),
  marketBillMicro: total(sql`${billLines.netMicro} + ${billLines.beyondMicro}`),
  tariffBillMicro: total(sql`${billLines.tariffMicro}`),
  linesWithoutTariff: sql<number>`count(*) - count(${billLines.tariffMicro})`.mapWith(Number),
};

function total(expression: SQL) {
  return sql<bigint>`coalesce(sum(${expression}), 0)`.mapWith(BigInt);
}

function inRange({ account, from, to }: BillRange) {
  return and(
    account === undefined ? undefined : eq(billLines.account, account),
    from === undefined ? undefined : gte(billLines.startsAt, from),
    to === undefined ? undefined : lt(billLines.startsAt, to),
  );
}
