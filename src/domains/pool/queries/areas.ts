import { asc, eq } from "drizzle-orm";
import type { Queryable } from "#platform/store/openStore.ts";
import { MAX_PAGE_ROWS } from "#platform/store/queries/page.ts";
import { areas } from "#platform/store/schema.ts";

export type AreaView = typeof areas.$inferSelect;

export function listAreas(db: Queryable): Promise<AreaView[]> {
  return db.select().from(areas).orderBy(asc(areas.areaId)).limit(MAX_PAGE_ROWS);
}

export async function findArea(db: Queryable, areaId: number): Promise<AreaView | null> {
  const [row] = await db.select().from(areas).where(eq(areas.areaId, areaId));
  return row ?? null;
}
