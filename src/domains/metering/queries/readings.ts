import { and, asc, desc, eq } from "drizzle-orm";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { readings } from "#platform/store/schema.ts";

export type ReadingView = typeof readings.$inferSelect;

export type ReadingFilter = {
  readonly areaId?: number | undefined;
  readonly intervalId?: number | undefined;
  readonly account?: number | undefined;
};

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
