import { asc, eq, getTableColumns } from "drizzle-orm";
import { areas } from "#domains/metering/tables.ts";
import { poolTerms } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { MAX_PAGE_ROWS } from "#platform/store/queries/page.ts";

/** An area with the rules of its market. */
export type AreaView = typeof areas.$inferSelect & typeof poolTerms.$inferSelect;

export function listAreas(db: Queryable): Promise<AreaView[]> {
  return select(db).orderBy(asc(areas.areaId)).limit(MAX_PAGE_ROWS);
}

export async function findArea(db: Queryable, areaId: number): Promise<AreaView | null> {
  const [row] = await select(db).where(eq(areas.areaId, areaId));
  return row ?? null;
}

function select(db: Queryable) {
  return db
    .select({ ...getTableColumns(areas), ...getTableColumns(poolTerms) })
    .from(areas)
    .innerJoin(poolTerms, eq(poolTerms.areaId, areas.areaId));
}
