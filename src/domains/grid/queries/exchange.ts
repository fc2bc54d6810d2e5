import { and, asc, eq, gt, gte, lt, ne, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { areaExchange, members, missingReadings } from "#domains/metering/tables.ts";
import { intervals } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { MAX_PAGE_ROWS } from "#platform/store/queries/page.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";

/** Intervals of an area that start in `[from, to)`, unix seconds. */
export type GridSpan = { readonly areaId: number; readonly from: number; readonly to: number };

/** A day, by its place among the starts that were asked for. Energy by direction, each over the intervals that had it. */
export type DaySums = {
  readonly day: number;
  readonly intervals: number;
  readonly gridImportWh: bigint;
  readonly gridExportWh: bigint;
  readonly importIntervals: number;
  readonly exportIntervals: number;
  readonly peakImportWh: bigint;
  readonly peakExportWh: bigint;
};

const netWh = areaExchange.netWh;

/** Sums of each day that has an interval; day `i` is `[starts[i], starts[i + 1])`, the last ends with the span. */
export function sumDays(db: Queryable, span: GridSpan, starts: readonly number[]): Promise<DaySums[]> {
  const day = dayOf(areaExchange.startsAt, starts);
  return db
    .select({
      day,
      intervals: COUNT,
      gridImportWh: total(netWh, sql`${netWh} > 0`),
      gridExportWh: total(sql`-${netWh}`, sql`${netWh} < 0`),
      importIntervals: countOf(sql`${netWh} > 0`),
      exportIntervals: countOf(sql`${netWh} < 0`),
      peakImportWh: sql`greatest(max(${netWh}), 0)`.mapWith(BigInt),
      peakExportWh: sql`greatest(max(-${netWh}), 0)`.mapWith(BigInt),
    })
    .from(areaExchange)
    .where(inSpan(areaExchange, span))
    .groupBy(day)
    .orderBy(asc(day));
}

/** Grid fees of each day that has some, by the intervals that they are for. */
export function sumFees(
  db: Queryable,
  span: GridSpan,
  starts: readonly number[],
): Promise<{ day: number; gridFeeMicro: bigint }[]> {
  const day = dayOf(intervals.startsAt, starts);
  return db
    .select({ day, gridFeeMicro: total(intervals.gridFeeMicro) })
    .from(intervals)
    .where(and(inSpan(intervals, span), ne(intervals.gridFeeMicro, 0n)))
    .groupBy(day)
    .orderBy(asc(day));
}

/** An interval and what went into one direction, Wh. */
export type Peak = { readonly intervalId: number; readonly startsAt: number; readonly energyWh: number };

/** The interval of the span with most energy in a direction, the earliest of equals; null when there was none. */
export async function findPeak(
  db: Queryable,
  span: GridSpan,
  direction: "import" | "export",
): Promise<Peak | null> {
  const energy = direction === "import" ? sql`${netWh}` : sql`-${netWh}`;
  const [peak] = await db
    .select({
      intervalId: areaExchange.intervalId,
      startsAt: areaExchange.startsAt,
      energyWh: energy.mapWith(Number) as SQL<number>,
    })
    .from(areaExchange)
    .where(and(inSpan(areaExchange, span), gt(energy, 0)))
    .orderBy(sql`${energy} desc`, asc(areaExchange.startsAt))
    .limit(1);
  return peak ?? null;
}

/** Intervals of the span that exchanged more than `limitWh` in either direction. */
export async function countAbove(db: Queryable, span: GridSpan, limitWh: number): Promise<number> {
  const [row] = await db
    .select({ count: COUNT })
    .from(areaExchange)
    .where(and(inSpan(areaExchange, span), gt(sql`abs(${netWh})`, sql`${limitWh}::double precision`)));
  return row?.count ?? 0;
}

/** Each interval; `gridFeeMicro` is null as long as it is not settled. */
export type ExchangeRow = typeof areaExchange.$inferSelect & {
  readonly gridFeeMicro: bigint | null;
  readonly missing: number;
};

/** Intervals of the span, the oldest first. */
export function listExchange(db: Queryable, span: GridSpan, limit: number): Promise<ExchangeRow[]> {
  const missing = missingByInterval(db, span);
  return db
    .select({
      areaId: areaExchange.areaId,
      intervalId: areaExchange.intervalId,
      startsAt: areaExchange.startsAt,
      netWh: areaExchange.netWh,
      meters: areaExchange.meters,
      gridFeeMicro:
        sql`case when ${intervals.settledAt} is not null then ${intervals.gridFeeMicro} end`.mapWith(
          intervals.gridFeeMicro,
        ) as SQL<bigint | null>,
      missing: sql`coalesce(${missing.count}, 0)`.mapWith(Number) as SQL<number>,
    })
    .from(areaExchange)
    .leftJoin(
      intervals,
      and(eq(intervals.areaId, areaExchange.areaId), eq(intervals.intervalId, areaExchange.intervalId)),
    )
    .leftJoin(missing, eq(missing.startsAt, areaExchange.startsAt))
    .where(inSpan(areaExchange, span))
    .orderBy(asc(areaExchange.startsAt))
    .limit(limit);
}

function missingByInterval(db: Queryable, span: GridSpan) {
  return db
    .select({ startsAt: missingReadings.startsAt, count: sql<number>`count(*)`.as("missing_count") })
    .from(missingReadings)
    .where(inSpan(missingReadings, span))
    .groupBy(missingReadings.startsAt)
    .as("missing");
}

/** Readings of the span that have not come, and of how many intervals. */
export async function countMissing(
  db: Queryable,
  span: GridSpan,
): Promise<{ readings: number; intervals: number }> {
  const [row] = await db
    .select({
      readings: COUNT,
      intervals: sql`count(distinct ${missingReadings.startsAt})`.mapWith(Number) as SQL<number>,
    })
    .from(missingReadings)
    .where(inSpan(missingReadings, span));
  return row ?? { readings: 0, intervals: 0 };
}

/** Metering points of whose readings some are missing, those with most first. */
export function listMissing(db: Queryable, span: GridSpan) {
  const { member, account, startsAt } = missingReadings;
  return db
    .select({
      member,
      account,
      intervals: COUNT,
      firstAt: sql`min(${startsAt})`.mapWith(Number) as SQL<number>,
      lastAt: sql`max(${startsAt})`.mapWith(Number) as SQL<number>,
    })
    .from(missingReadings)
    .where(inSpan(missingReadings, span))
    .groupBy(member, account)
    .orderBy(sql`count(*) desc`, asc(member))
    .limit(MAX_PAGE_ROWS);
}

/** All connections in use together, W. */
export async function sumConnections(db: Queryable, areaId: number): Promise<number> {
  const [row] = await db
    .select({ sum: total(members.capacityW) })
    .from(members)
    .where(eq(members.areaId, areaId));
  return Number(row?.sum ?? 0n);
}

/** Not parameters: the expression must be the same text where it is selected and where it groups. */
function dayOf(startsAt: PgColumn, starts: readonly number[]): SQL<number> {
  const bounds = sql.raw(starts.map((start) => BigInt(start).toString()).join(", "));
  return sql<number>`width_bucket(${startsAt}, array[${bounds}]::bigint[]) - 1`.mapWith(Number);
}

function countOf(condition: SQL): SQL<number> {
  return sql<number>`count(*) filter (where ${condition})`.mapWith(Number);
}

function inSpan(
  table: { readonly areaId: PgColumn; readonly startsAt: PgColumn },
  { areaId, from, to }: GridSpan,
): SQL | undefined {
  return and(eq(table.areaId, areaId), gte(table.startsAt, from), lt(table.startsAt, to));
}
