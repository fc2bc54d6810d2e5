import { and, asc, eq, inArray, lt, lte, sql } from "drizzle-orm";
import { rawStatement } from "#platform/store/createTables.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable, Store } from "#platform/store/openStore.ts";
import type { IntervalPlace, Unfinished } from "#platform/store/projection.ts";
import { listUndoable } from "#platform/store/undo/heads.ts";
import { intervalGroups } from "./createSealing.ts";
import { sealStatements, thawStatements, tidyStatements } from "./sealedStatements.ts";
import { groupOf, type IntervalGroup } from "./sealedTable.ts";

/** Groups of each area that stay live: rows of two days at least, which are read and changed most. */
export const LIVE_GROUPS = 3;

/**
 * Makes the rows of some intervals live, with all of their groups, before events about them are projected: projections
 * know of live rows alone.
 */
export async function thawIntervals(
  tx: Queryable,
  { sealed }: Pick<Store, "sealed">,
  places: readonly IntervalPlace[],
): Promise<void> {
  const groups = groupsOf(places);
  if (groups.length === 0) return;
  const known = new Map((await listGroups(tx, groups)).map((group) => [keyOf(group), group.sealedTables]));
  const news = groups.filter((group) => !known.has(keyOf(group)));
  await insertAll(
    tx,
    intervalGroups,
    news.map((group) => ({ ...group, sealedTables: 0 })),
  );
  for (const group of groups) {
    const sealedTables = known.get(keyOf(group)) ?? 0;
    if (sealedTables === 0) continue;
    for (const table of sealed.slice(0, sealedTables)) await run(tx, thawStatements(table, group));
    await tx.update(intervalGroups).set({ sealedTables: 0 }).where(isGroup(group));
  }
}

/** What is known of some groups, and of others of their areas. */
function listGroups(tx: Queryable, groups: readonly IntervalGroup[]) {
  const areaIds = [...new Set(groups.map(({ areaId }) => areaId))];
  const numbers = [...new Set(groups.map(({ groupNumber }) => groupNumber))];
  return tx
    .select()
    .from(intervalGroups)
    .where(and(inArray(intervalGroups.areaId, areaIds), inArray(intervalGroups.groupNumber, numbers)));
}

/**
 * Seals the rows that one table has of one group: some ten milliseconds of work, so that nobody waits for long. Says whether
 * there was something to seal. What is sealed in part is read like all else.
 */
export async function sealNext(
  { db, sealed }: Pick<Store, "db" | "sealed">,
  domains: readonly { readonly unfinished?: Unfinished }[],
): Promise<boolean> {
  const old = await listOldGroups(db, sealed.length);
  if (old.length === 0) return false;
  const places = await Promise.all(domains.map(({ unfinished }) => unfinished?.(db) ?? []));
  const open = new Set(groupsOf([...places.flat(), ...(await listUndoable(db))]).map(keyOf));
  const next = old.find((group) => !open.has(keyOf(group)));
  const table = next && sealed[next.sealedTables];
  if (!next || !table) return false;
  await db.transaction(async (tx) => {
    await run(tx, sealStatements(table, next));
    await tx
      .update(intervalGroups)
      .set({ sealedTables: next.sealedTables + 1 })
      .where(isGroup(next));
  });
  await run(db, tidyStatements(table, next));
  return true;
}

/** Groups with live rows that are older than those that stay live, the oldest first. */
function listOldGroups(db: Queryable, tables: number) {
  const newest = db
    .select({
      areaId: intervalGroups.areaId,
      newest: sql<number>`max(${intervalGroups.groupNumber})`.as("newest"),
    })
    .from(intervalGroups)
    .groupBy(intervalGroups.areaId)
    .as("newest_groups");
  return db
    .select({
      areaId: intervalGroups.areaId,
      groupNumber: intervalGroups.groupNumber,
      sealedTables: intervalGroups.sealedTables,
    })
    .from(intervalGroups)
    .innerJoin(newest, eq(newest.areaId, intervalGroups.areaId))
    .where(
      and(
        lt(intervalGroups.sealedTables, tables),
        lte(intervalGroups.groupNumber, sql`${newest.newest} - ${LIVE_GROUPS}`),
      ),
    )
    .orderBy(asc(intervalGroups.groupNumber), asc(intervalGroups.areaId));
}

function groupsOf(places: readonly IntervalPlace[]): IntervalGroup[] {
  const groups = new Map<string, IntervalGroup>();
  for (const { areaId, intervalId } of places) {
    const group = { areaId, groupNumber: groupOf(intervalId) };
    groups.set(keyOf(group), group);
  }
  return [...groups.values()];
}

function keyOf({ areaId, groupNumber }: IntervalGroup): string {
  return `${areaId} ${groupNumber}`;
}

function isGroup({ areaId, groupNumber }: IntervalGroup) {
  return and(eq(intervalGroups.areaId, areaId), eq(intervalGroups.groupNumber, groupNumber));
}

async function run(db: Queryable, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await db.execute(rawStatement(statement));
}
