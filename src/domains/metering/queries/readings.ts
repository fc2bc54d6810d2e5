import { and, asc, desc, eq } from "drizzle-orm";
import { readings } from "#domains/metering/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import type { Page } from "#platform/store/queries/page.ts";

export type ReadingView = typeof readings.$inferSelect;

export type ReadingFilter = {
  readonly areaId?: number | undefined;
  readonly intervalId?: number | undefined;
  readonly member?: number | undefined;
  readonly account?: number | undefined;
};

/** One member in one interval. */
export type MemberInterval = IntervalPlace & { readonly member: number };

/** Readings, latest interval first, then by area and member. */
export function listReadings(db: Queryable, filter: ReadingFilter & Page): Promise<ReadingView[]> {
  const { areaId, intervalId, member, account, limit, offset } = filter;
  return db
    .select()
    .from(readings)
    .where(
      and(
        areaId === undefined ? undefined : eq(readings.areaId, areaId),
        intervalId === undefined ? undefined : eq(readings.intervalId, intervalId),
        member === undefined ? undefined : eq(readings.member, member),
        account === undefined ? undefined : eq(readings.account, account),
      ),
    )
    .orderBy(desc(readings.intervalId), asc(readings.areaId), asc(readings.member))
    .limit(limit)
    .offset(offset);
}

/** The reading of a member in an interval; null when none is known. */
export async function findReading(
  db: Queryable,
  { areaId, intervalId, member }: MemberInterval,
): Promise<ReadingView | null> {
  const [row] = await db
    .select()
    .from(readings)
    .where(
      and(eq(readings.areaId, areaId), eq(readings.intervalId, intervalId), eq(readings.member, member)),
    );
  return row ?? null;
}
