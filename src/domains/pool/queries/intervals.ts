import { and, asc, desc, eq, getTableColumns, lt, or, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Stage } from "#domains/pool/rules/stage.ts";
import { intervals } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { intervalTransactions } from "#platform/store/schema.ts";

/** An interval with the gas of all its transactions; of one that was about several it bears its part. */
export type IntervalView = typeof intervals.$inferSelect & { readonly gasUsed: bigint };

/** Where a list of intervals goes on: after the one that started then, in that area. */
export type IntervalCursor = { readonly startsAt: number; readonly areaId: number };

export type IntervalFilter = {
  readonly areaId?: number | undefined;
  readonly stage?: Stage | undefined;
  readonly before?: IntervalCursor | undefined;
  readonly limit: number;
};

/** Columns inside the subquery name their tables: both tables have an area and an interval. */
const view = {
  ...getTableColumns(intervals),
  gasUsed: sql<bigint>`(
    select coalesce(sum(${columnOf(intervalTransactions, intervalTransactions.gasUsed)}), 0) from ${intervalTransactions}
    where ${columnOf(intervalTransactions, intervalTransactions.areaId)} = ${columnOf(intervals, intervals.areaId)}
      and ${columnOf(intervalTransactions, intervalTransactions.intervalId)} = ${columnOf(intervals, intervals.intervalId)}
  )`.mapWith(BigInt),
};

function columnOf(table: PgTable, column: PgColumn) {
  return sql`${table}.${sql.identifier(column.name)}`;
}

/** Intervals that the chain knows, the latest first; of one start, by rising area. */
export function listIntervals(db: Queryable, filter: IntervalFilter): Promise<IntervalView[]> {
  const { areaId, stage, before, limit } = filter;
  return db
    .select(view)
    .from(intervals)
    .where(
      and(
        areaId === undefined ? undefined : eq(intervals.areaId, areaId),
        stage === undefined ? undefined : eq(intervals.stage, stage),
        before && isAfter(before),
      ),
    )
    .orderBy(desc(intervals.startsAt), asc(intervals.areaId))
    .limit(limit);
}

/** An interval, or null when the chain does not know it. */
export async function findInterval(
  db: Queryable,
  { areaId, intervalId }: { areaId: number; intervalId: number },
): Promise<IntervalView | null> {
  const [row] = await db
    .select(view)
    .from(intervals)
    .where(and(eq(intervals.areaId, areaId), eq(intervals.intervalId, intervalId)));
  return row ?? null;
}

function isAfter({ startsAt, areaId }: IntervalCursor) {
  return or(
    lt(intervals.startsAt, startsAt),
    and(eq(intervals.startsAt, startsAt), sql`${intervals.areaId} > ${areaId}`),
  );
}

/** Intervals of this number in all areas, by rising area. */
export function listIntervalsNumbered(
  db: Queryable,
  { intervalId, limit }: { intervalId: number; limit: number },
) {
  return db
    .select()
    .from(intervals)
    .where(eq(intervals.intervalId, intervalId))
    .orderBy(asc(intervals.areaId))
    .limit(limit);
}
