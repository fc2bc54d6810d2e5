import { and, asc, desc, eq, gt } from "drizzle-orm";
import { allReadings } from "#domains/metering/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { isFromInterval } from "#platform/store/sealed/restrict.ts";
import { listReadings, type ReadingView } from "./readings.ts";

/** The newest interval of an area of which a reading is known, of one member or of anybody; null without any. */
export async function newestReadInterval(
  db: Queryable,
  of: { readonly areaId: number; readonly account?: number; readonly member?: number },
): Promise<number | null> {
  const [reading] = await listReadings(db, { ...of, limit: 1, offset: 0 });
  return reading?.intervalId ?? null;
}

/** Readings of a later version than the first, of intervals from a number on, the latest first. */
export function listCorrected(
  db: Queryable,
  {
    account,
    areaId,
    fromIntervalId,
    limit,
  }: { account: number; areaId: number; fromIntervalId: number; limit: number },
): Promise<Pick<ReadingView, "areaId" | "intervalId" | "member" | "version">[]> {
  const { areaId: area, intervalId, member, version } = allReadings;
  return db
    .select({ areaId: area, intervalId, member, version })
    .from(allReadings)
    .where(
      and(
        eq(allReadings.account, account),
        eq(allReadings.areaId, areaId),
        isFromInterval(allReadings, fromIntervalId),
        gt(allReadings.version, 1),
      ),
    )
    .orderBy(desc(allReadings.intervalId), asc(allReadings.member))
    .limit(limit);
}
