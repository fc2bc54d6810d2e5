import { asc, eq } from "drizzle-orm";
import { areas } from "#domains/metering/tables.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { MAX_PAGE_ROWS } from "#platform/store/queries/page.ts";
import { remembered } from "#platform/store/workingSet.ts";

/** An area in which energy is measured. */
export type MeteredArea = typeof areas.$inferSelect;

export function listMeteredAreas(db: Queryable): Promise<MeteredArea[]> {
  return db.select().from(areas).orderBy(asc(areas.areaId)).limit(MAX_PAGE_ROWS);
}

/** The area of an event: a contract names none that was not opened before. */
export async function meteredAreaOf(tx: Queryable, areaId: number): Promise<MeteredArea> {
  const look = async () => (await tx.select().from(areas).where(eq(areas.areaId, areaId)))[0];
  const row = await remembered(tx, areas, { key: areaId, look });
  return present(row, `area ${areaId} of an event`);
}
