import { and, asc, desc, eq, gte, inArray, isNotNull, lt, type SQL, sql } from "drizzle-orm";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { total } from "#platform/store/queries/sums.ts";
import { billLines, intervals, meteringPoints, trades } from "#platform/store/schema.ts";

/** Sums over all accounts of an area, intervals that start in `[from, to)`; lines without a tariff count in energy only. */
export type DaySums = {
  readonly intervals: number;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly gridImportWh: bigint;
  readonly marketBillMicro: bigint;
  readonly tariffBillMicro: bigint;
};

export async function sumDay(
  db: Queryable,
  { areaId, from, to }: { areaId: number; from: number; to: number },
): Promise<DaySums> {
  const [row] = await db
    .select({
      intervals: sql<number>`count(distinct ${billLines.intervalId})`.mapWith(Number),
      importWh: total(billLines.importWh),
      exportWh: total(billLines.exportWh),
      gridImportWh: total(billLines.gridImportWh),
      marketBillMicro: total(sql`${billLines.netMicro} + ${billLines.beyondMicro}`),
      tariffBillMicro: total(billLines.tariffMicro),
    })
    .from(billLines)
    .where(and(eq(billLines.areaId, areaId), gte(billLines.startsAt, from), lt(billLines.startsAt, to)));
  return row as DaySums;
}

/** Local prices that intervals of an area showed, micro per kWh, of those intervals that had a trade. */
export async function listPrices(
  db: Queryable,
  { areaId, intervalIds }: { areaId: number; intervalIds: readonly number[] },
): Promise<bigint[]> {
  const rows = await db
    .select({ price: intervals.localPriceMicroPerKwh })
    .from(intervals)
    .where(
      and(
        eq(intervals.areaId, areaId),
        inArray(intervals.intervalId, [...intervalIds]),
        isNotNull(intervals.localPriceMicroPerKwh),
      ),
    );
  return rows.flatMap(({ price }) => (price === null ? [] : [price]));
}

/** The newest interval of an area in which energy was traded, and its price; null before the first. */
export async function newestTraded(
  db: Queryable,
  areaId: number,
): Promise<{ intervalId: number; priceMicroPerKwh: bigint | null } | null> {
  const [row] = await db
    .select({ intervalId: intervals.intervalId, priceMicroPerKwh: intervals.localPriceMicroPerKwh })
    .from(intervals)
    .where(and(eq(intervals.areaId, areaId), isNotNull(intervals.localPriceMicroPerKwh)))
    .orderBy(desc(intervals.startsAt))
    .limit(1);
  return row ?? null;
}

/** Pairs of a page that people look at; a larger market shows its largest. */
const MAX_PAIRS = 60;

/** Who gave energy to whom in an interval, largest first. */
export function listPairs(
  db: Queryable,
  { areaId, intervalId }: { areaId: number; intervalId: number },
): Promise<{ seller: number; buyer: number; energyWh: bigint }[]> {
  const energyWh = total(trades.energyWh);
  return db
    .select({ seller: trades.seller, buyer: trades.buyer, energyWh })
    .from(trades)
    .where(and(eq(trades.areaId, areaId), eq(trades.intervalId, intervalId)))
    .groupBy(trades.seller, trades.buyer)
    .orderBy(desc(energyWh), asc(trades.seller), asc(trades.buyer))
    .limit(MAX_PAIRS);
}

/** Accounts with a metering point in the area. */
export async function countHomes(db: Queryable, areaId: number): Promise<number> {
  const [row] = await db
    .select({ homes: sql<number>`count(distinct ${meteringPoints.account})`.mapWith(Number) })
    .from(meteringPoints)
    .where(and(eq(meteringPoints.areaId, areaId), sql`${meteringPoints.retiredAt} is null`));
  return row?.homes ?? 0;
}

/** An account's intervals in columns, oldest first; costs in micro, null where the tariff is not known. */
export type SeriesColumns = {
  readonly intervalId: number[];
  readonly startsAt: number[];
  readonly importWh: number[];
  readonly exportWh: number[];
  readonly boughtWh: number[];
  readonly soldWh: number[];
  readonly costMicro: (string | null)[];
  readonly tariffMicro: (string | null)[];
};

/**
 * Columns of an account's intervals for charts. The database puts each column into one text: 35,040 rows one by one take
 * the driver ten times as long.
 */
export async function readSeries(
  db: Queryable,
  { account, from, to, limit }: { account: number; from: number; to: number; limit: number },
): Promise<SeriesColumns> {
  const lines = db
    .select()
    .from(billLines)
    .where(and(eq(billLines.account, account), gte(billLines.startsAt, from), lt(billLines.startsAt, to)))
    .orderBy(asc(billLines.startsAt))
    .limit(limit)
    .as("lines");
  const column = <Value>(expression: SQL) =>
    sql<Value[]>`coalesce(json_agg(${expression} order by ${lines.startsAt}), '[]')::text`.mapWith(
      JSON.parse,
    );
  const [columns] = await db
    .select({
      intervalId: column<number>(sql`${lines.intervalId}`),
      startsAt: column<number>(sql`${lines.startsAt}`),
      importWh: column<number>(sql`${lines.importWh}`),
      exportWh: column<number>(sql`${lines.exportWh}`),
      boughtWh: column<number>(sql`${lines.boughtWh}`),
      soldWh: column<number>(sql`${lines.soldWh}`),
      costMicro: column<string | null>(sql`(${lines.netMicro} + ${lines.beyondMicro})::text`),
      tariffMicro: column<string | null>(sql`${lines.tariffMicro}::text`),
    })
    .from(lines);
  return present(columns, "the row of an aggregate");
}
