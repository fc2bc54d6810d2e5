import { and, asc, desc, eq } from "drizzle-orm";
import { readings } from "#domains/metering/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import type { Page } from "#platform/store/queries/page.ts";

export type ReadingView = typeof readings.$inferSelect;

export type ReadingFilter = {
  readonly areaId?: number | undefined;
  readonly intervalId?: number | undefined;
  readonly account?: number | undefined;
};

/** One account in one interval. */
export type AccountInterval = IntervalPlace & { readonly account: number };

/** Readings, latest interval first, then by account. */
export function listReadings(db: Queryable, filter: ReadingFilter & Page): Promise<ReadingView[]> {
  const { areaId, intervalId, account, limit, offset } = filter;
  return db
    .select()
    .from(readings)
    .where(
      and(
        areaId === undefined ? undefined : eq(readings.areaId, areaId),
        intervalId === undefined ? undefined : eq(readings.intervalId, intervalId),
        account === undefined ? undefined : eq(readings.account, account),
      ),
    )
    .orderBy(desc(readings.intervalId), asc(readings.areaId), asc(readings.account))
    .limit(limit)
    .offset(offset);
}

/** The reading of an account in an interval; null when none is known. */
export async function findReading(
  db: Queryable,
  { areaId, intervalId, account }: AccountInterval,
): Promise<ReadingView | null> {
  const [row] = await db
    .select()
    .from(readings)
    .where(
      and(eq(readings.areaId, areaId), eq(readings.intervalId, intervalId), eq(readings.account, account)),
    );
  return row ?? null;
}
