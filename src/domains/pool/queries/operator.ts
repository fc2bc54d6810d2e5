import { and, asc, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, or, sql } from "drizzle-orm";
import { SEALED_LINES } from "#domains/billing/tables.ts";
import { allReadings, members } from "#domains/metering/tables.ts";
import { PAID_STAGES } from "#domains/pool/rules/stage.ts";
import { allOrders, intervals, positions } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";
import { transactions } from "#platform/store/schema.ts";
import { countRows } from "#platform/store/sealed/heads.ts";
import { isFromInterval } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";

export type IntervalRow = typeof intervals.$inferSelect;

/** An area from a second on, unix seconds by the market's clock. */
export type AreaSpan = { readonly areaId: number; readonly from: number };

/** A cleared interval whose delivery is over for longer than so many of its lengths should be settled. */
const SETTLEMENT_INTERVALS = 2;

/**
 * Intervals whose money lies in escrow although it should not any more, the latest first: those that something was begun
 * with and not finished when their delivery was over, cleared ones that nobody settles, and those of which a clearing was
 * given up and not given back.
 */
export function listUnfinished(
  db: Queryable,
  { areaId, now, limit }: { areaId: number; now: number; limit: number },
): Promise<IntervalRow[]> {
  const lengthSeconds = sql`(${intervals.endsAt} - ${intervals.startsAt})`;
  const dueAt = sql`${intervals.endsAt} + ${SETTLEMENT_INTERVALS} * ${lengthSeconds}`;
  const isInterrupted = and(
    inArray(intervals.stage, ["clearing", "settling", "returning"]),
    lt(intervals.endsAt, now),
  );
  const isHeldStill = and(
    gt(intervals.attempt, 0),
    lt(intervals.endsAt, now),
    sql`exists (select 1 from ${positions} p where p.${sql.identifier(positions.areaId.name)} = ${intervals.areaId}
      and p.${sql.identifier(positions.intervalId.name)} = ${intervals.intervalId}
      and p.attempt < ${intervals.attempt})`,
  );
  const isWaiting = and(eq(intervals.stage, "cleared"), lt(dueAt, now));
  return db
    .select()
    .from(intervals)
    .where(and(eq(intervals.areaId, areaId), or(isInterrupted, isWaiting, isHeldStill)))
    .orderBy(desc(intervals.startsAt))
    .limit(limit);
}

/** Intervals since `from` that no supplier stands for, though energy is traded, the latest first. */
export function listUnsupplied(
  db: Queryable,
  { areaId, from, limit }: AreaSpan & { limit: number },
): Promise<IntervalRow[]> {
  return db
    .select()
    .from(intervals)
    .where(and(eq(intervals.areaId, areaId), eq(intervals.isSupplied, false), gte(intervals.startsAt, from)))
    .orderBy(desc(intervals.startsAt))
    .limit(limit);
}

/** Intervals since `from` whose clearing was given up, and that no other followed before delivery, the latest first. */
export function listAbandoned(
  db: Queryable,
  { areaId, from, now, limit }: AreaSpan & { now: number; limit: number },
): Promise<IntervalRow[]> {
  return db
    .select()
    .from(intervals)
    .where(
      and(
        eq(intervals.areaId, areaId),
        eq(intervals.stage, "collecting"),
        gte(intervals.abandonedAt, from),
        lte(intervals.startsAt, now),
      ),
    )
    .orderBy(desc(intervals.startsAt))
    .limit(limit);
}

/** Intervals that were given back since `from`, the latest first. */
export function listReturned(
  db: Queryable,
  { areaId, from, limit }: AreaSpan & { limit: number },
): Promise<IntervalRow[]> {
  return db
    .select()
    .from(intervals)
    .where(
      and(eq(intervals.areaId, areaId), eq(intervals.stage, "returned"), gte(intervals.returnedAt, from)),
    )
    .orderBy(desc(intervals.returnedAt))
    .limit(limit);
}

/** The first interval of an area that the chain knows, and those that start from `from` on, by rising number. */
export async function listKnown(
  db: Queryable,
  { areaId, from, limit }: AreaSpan & { limit: number },
): Promise<{ readonly first: number | null; readonly known: readonly IntervalRow[] }> {
  const ofArea = eq(intervals.areaId, areaId);
  const [first] = await db
    .select({ intervalId: intervals.intervalId })
    .from(intervals)
    .where(ofArea)
    .orderBy(asc(intervals.intervalId))
    .limit(1);
  const known = await db
    .select()
    .from(intervals)
    .where(and(ofArea, gte(intervals.startsAt, from)))
    .orderBy(asc(intervals.intervalId))
    .limit(limit);
  return { first: first?.intervalId ?? null, known };
}

/**
 * Members whose metering point was there over all of an interval and whose reading is not under its root, of intervals from
 * a number on; only of those with fewer readings than metering points, the latest first.
 */
export function listMissingReadings(
  db: Queryable,
  { areaId, fromIntervalId, limit }: { areaId: number; fromIntervalId: number; limit: number },
) {
  const isThere = and(
    eq(members.areaId, intervals.areaId),
    lte(members.enrolledAt, intervals.startsAt),
    or(isNull(members.retiredAt), gt(members.retiredAt, intervals.endsAt)),
  );
  const points = sql`(select count(*) from ${members} where ${isThere})`;
  return db
    .select({
      intervalId: intervals.intervalId,
      startsAt: intervals.startsAt,
      publishedAt: intervals.publishedAt,
      meters: intervals.readingsMeters,
      member: members.member,
      account: members.account,
    })
    .from(intervals)
    .innerJoin(members, isThere)
    .leftJoin(
      allReadings,
      and(
        eq(allReadings.intervalId, intervals.intervalId),
        eq(allReadings.member, members.member),
        eq(allReadings.areaId, areaId),
        isFromInterval(allReadings, fromIntervalId),
      ),
    )
    .where(
      and(
        eq(intervals.areaId, areaId),
        gte(intervals.intervalId, fromIntervalId),
        isNotNull(intervals.publishedAt),
        isNull(allReadings.member),
        sql`${intervals.readingsMeters} < ${points}`,
      ),
    )
    .orderBy(desc(intervals.startsAt), asc(members.member))
    .limit(limit);
}

/** Orders that the chain refused, of intervals from a number on, the latest first. */
export function listRefusedOrders(
  db: Queryable,
  { areaId, fromIntervalId, limit }: { areaId: number; fromIntervalId: number; limit: number },
) {
  return db
    .select(tableColumns(allOrders))
    .from(allOrders)
    .where(
      and(
        eq(allOrders.areaId, areaId),
        isFromInterval(allOrders, fromIntervalId),
        isNotNull(allOrders.refusal),
      ),
    )
    .orderBy(desc(allOrders.intervalId), asc(allOrders.member), asc(allOrders.orderId))
    .limit(limit);
}

/** What transactions took, by the function that they called; null is a call of another contract. */
export type PurposeGas = {
  readonly purpose: string | null;
  readonly transactions: number;
  readonly gasUsed: bigint;
};

/**
 * Transactions of the areas and those that belong to none, such as a registration, the most gas first; `marketGas` is that
 * of clearing, publishing and settling.
 */
export async function sumSpending(
  db: Queryable,
  areaIds: readonly number[],
): Promise<{ readonly byPurpose: readonly PurposeGas[]; readonly marketGas: bigint }> {
  const isMeant = or(isNull(transactions.areaId), inArray(transactions.areaId, [...areaIds]));
  const rows = await db
    .select({
      purpose: transactions.purpose,
      transactions: COUNT,
      gasUsed: total(transactions.gasUsed),
      marketGas: total(sql`${transactions.gasUsed}`, isNotNull(transactions.intervalId)),
    })
    .from(transactions)
    .where(isMeant)
    .groupBy(transactions.purpose)
    .orderBy(desc(sql`sum(${transactions.gasUsed})`));
  const marketGas = rows.reduce((sum, row) => sum + row.marketGas, 0n);
  return {
    byPurpose: rows.map(({ purpose, transactions: count, gasUsed }) => ({
      purpose,
      transactions: count,
      gasUsed,
    })),
    marketGas,
  };
}

/** Counts and sums of the areas' intervals; `lastSettledAt` is the end of the newest that is over and settled. */
export async function sumThroughput(
  db: Queryable,
  { areaIds, now }: { areaIds: readonly number[]; now: number },
) {
  const isSettled = inArray(intervals.stage, [...PAID_STAGES]);
  const isOver = lte(intervals.endsAt, now);
  const [market] = await db
    .select({
      intervals: COUNT,
      settledIntervals: sql<number>`count(*) filter (where ${isSettled})`.mapWith(Number),
      orders: sql<number>`coalesce(sum(${intervals.orders}), 0)`.mapWith(Number),
      trades: sql<number>`coalesce(sum(${intervals.trades}), 0)`.mapWith(Number),
      clearedWh: total(intervals.clearedWh),
      gridFeeMicro: total(intervals.gridFeeMicro),
      remainderMicro: total(intervals.remainderMicro),
      lastSettledAt: sql<number | null>`max(${intervals.endsAt}) filter (where ${isSettled} and ${isOver})`,
    })
    .from(intervals)
    .where(inArray(intervals.areaId, [...areaIds]));
  const settlements = await countRows(db, SEALED_LINES, { areaId: areaIds });
  const lastSettledAt = market?.lastSettledAt ?? null;
  return {
    ...NOTHING,
    ...market,
    settlements,
    lastSettledAt: lastSettledAt === null ? null : Number(lastSettledAt),
  };
}

const NOTHING = {
  intervals: 0,
  settledIntervals: 0,
  orders: 0,
  trades: 0,
  clearedWh: 0n,
  gridFeeMicro: 0n,
  remainderMicro: 0n,
};
