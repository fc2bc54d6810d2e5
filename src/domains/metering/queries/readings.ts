import { and, asc, desc, eq, type SQL } from "drizzle-orm";
import { allReadings, type readings, SEALED_READINGS } from "#domains/metering/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { readPage } from "#platform/store/sealed/heads.ts";
import { isNumbered, isOfInterval } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";

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
  const read = (isNear?: SQL) =>
    select(db)
      .where(
        and(
          areaId === undefined ? undefined : eq(allReadings.areaId, areaId),
          intervalId === undefined ? undefined : isNumbered(allReadings, intervalId),
          member === undefined ? undefined : eq(allReadings.member, member),
          account === undefined ? undefined : eq(allReadings.account, account),
          isNear,
        ),
      )
      .orderBy(desc(allReadings.intervalId), asc(allReadings.areaId), asc(allReadings.member))
      .limit(limit)
      .offset(offset);
  if (intervalId !== undefined) return read();
  const shared = { areaId, member, account };
  const page = { order: "newestGroups", shared, rows: offset + limit, limit } as const;
  return readPage(db, SEALED_READINGS, page, read);
}

/** The reading of a member in an interval; null when none is known. */
export async function findReading(
  db: Queryable,
  { member, ...place }: MemberInterval,
): Promise<ReadingView | null> {
  const [row] = await select(db).where(and(isOfInterval(allReadings, place), eq(allReadings.member, member)));
  return row ?? null;
}

function select(db: Queryable) {
  return db.select(tableColumns(allReadings)).from(allReadings);
}
