import { inArray, sql } from "drizzle-orm";
import { SEALED_LINES } from "#domains/billing/tables.ts";
import { PAID_STAGES } from "#domains/pool/rules/stage.ts";
import { intervals } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";
import { transactions } from "#platform/store/schema.ts";
import { countRows } from "#platform/store/sealed/heads.ts";

/** Counts and sums over all that the database holds. */
export type Summary = {
  readonly intervals: number;
  readonly settledIntervals: number;
  readonly orders: number;
  readonly trades: number;
  readonly settlements: number;
  readonly clearedWh: bigint;
  readonly welfareMicro: bigint;
  readonly gridFeeMicro: bigint;
  readonly transactions: number;
  readonly gasUsed: bigint;
};

export async function summarize(db: Queryable): Promise<Summary> {
  const [market] = await db
    .select({
      intervals: COUNT,
      settledIntervals:
        sql<number>`count(*) filter (where ${inArray(intervals.stage, [...PAID_STAGES])})`.mapWith(Number),
      clearedWh: total(intervals.clearedWh),
      welfareMicro: total(intervals.welfareMicro),
      gridFeeMicro: total(intervals.gridFeeMicro),
      orders: sql<number>`coalesce(sum(${intervals.orders}), 0)`.mapWith(Number),
      trades: sql<number>`coalesce(sum(${intervals.trades}), 0)`.mapWith(Number),
    })
    .from(intervals);
  const [chain] = await db
    .select({
      transactions: COUNT,
      gasUsed: total(transactions.gasUsed),
    })
    .from(transactions);
  const settlements = await countRows(db, SEALED_LINES);
  return { ...EMPTY, ...market, ...chain, settlements };
}

const EMPTY: Omit<Summary, "settlements"> = {
  intervals: 0,
  settledIntervals: 0,
  orders: 0,
  trades: 0,
  clearedWh: 0n,
  welfareMicro: 0n,
  gridFeeMicro: 0n,
  transactions: 0,
  gasUsed: 0n,
};
