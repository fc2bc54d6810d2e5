import { asc, eq, type SQL, sql } from "drizzle-orm";
import { areaExchange, members, missingReadings } from "#domains/metering/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { MAX_PAGE_ROWS } from "#platform/store/queries/page.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";
import { type GridSpan, inSpan } from "./exchange.ts";

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

/** Intervals of the span of which any reading is known. */
export async function countRead(db: Queryable, span: GridSpan): Promise<number> {
  const [row] = await db.select({ count: COUNT }).from(areaExchange).where(inSpan(areaExchange, span));
  return row?.count ?? 0;
}

/** When the first interval of an area begins of which a reading is known; null before. */
export async function firstReadAt(db: Queryable, areaId: number): Promise<number | null> {
  const [row] = await db
    .select({ startsAt: areaExchange.startsAt })
    .from(areaExchange)
    .where(eq(areaExchange.areaId, areaId))
    .orderBy(asc(areaExchange.startsAt))
    .limit(1);
  return row?.startsAt ?? null;
}

/** All connections in use together, W. */
export async function sumConnections(db: Queryable, areaId: number): Promise<number> {
  const [row] = await db
    .select({ sum: total(members.capacityW) })
    .from(members)
    .where(eq(members.areaId, areaId));
  return Number(row?.sum ?? 0n);
}
