import { and, gt, gte, inArray, lt, lte, type SQL, sql } from "drizzle-orm";
import { getTableConfig } from "drizzle-orm/pg-core";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { keysName, sealedName, shortKeyOf } from "./sealedStatements.ts";
import { GROUP_INTERVALS, type IntervalGroup, type SealedTable } from "./sealedTable.ts";

// What is known of sealed rows without opening them: how many they are, when they are of, and which keys they hold.

/** Values of columns that sealed rows share. */
export type Shared = Readonly<Record<string, readonly number[] | number | undefined>>;

/** How many rows a table has, live and sealed. */
export async function countRows(db: Queryable, sealed: SealedTable, shared: Shared = {}): Promise<number> {
  const table = sql.identifier(getTableConfig(sealed.table).name);
  const where = and(...conditions(shared), sql`true`);
  const { rows } = await db.execute<{ count: unknown }>(sql`
    select (select count(*) from ${table} where ${where}) +
      (select coalesce(sum("rowCount"), 0) from ${headsOf(sealed)} where ${where}) as count`);
  return Number(rows[0]?.count ?? 0);
}

/** Groups in which a row with a key is, if it is anywhere; another can be among them, as keys are shortened. */
export async function groupsOfKey(
  db: Queryable,
  sealed: SealedTable & { readonly key: NonNullable<SealedTable["key"]> },
  hash: string,
): Promise<IntervalGroup[]> {
  const live = await db.execute<IntervalGroup>(sql`
    select "areaId", ("intervalId" / ${sql.raw(String(GROUP_INTERVALS))})::integer as "groupNumber"
    from ${sealed.table} where ${sealed.key} = ${sql.param(hash, sealed.key)}`);
  if (live.rows.length > 0) return live.rows;
  const { rows } = await db.execute<IntervalGroup>(sql`
    select "areaId", "groupNumber" from ${sql.identifier(keysName(sealed))}
    where ${shortKeyOf(hash)}::integer = any("keys")`);
  return rows;
}

/** Groups that hold a sealed key that begins so, hexadecimal digits: others can be among them, and at most `limit`. */
export async function groupsOfShortKeys(
  db: Queryable,
  sealed: SealedTable,
  { head, limit }: { readonly head: string; readonly limit: number },
): Promise<IntervalGroup[]> {
  const [first, last] = ["0", "f"].map((digit) => shortKeyOf(`0x${head.padEnd(SHORT_KEY_DIGITS, digit)}`));
  const { rows } = await db.execute<IntervalGroup>(sql`
    select "areaId", "groupNumber" from ${sql.identifier(keysName(sealed))}
    where exists (select from unnest("keys") as key where key between ${first}::integer and ${last}::integer)
    limit ${limit}`);
  return rows;
}

/** Hexadecimal digits of a shortened key. */
const SHORT_KEY_DIGITS = 8;

/** A list from one end of an order that sealed rows are known by: from the newest group, the newest or the oldest time. */
export type PageOrder = "newestGroups" | "newestTimes" | "oldestTimes";

/** Part of a list: so many `rows` from its end on, of which the last `limit` are the page. */
type PageOfSealed = {
  readonly order: PageOrder;
  /** What all of its rows have in common of the columns that sealed rows share. */
  readonly shared: Shared;
  readonly rows: number;
  readonly limit: number;
  /** Sealed rows count when all their times are later, or earlier. */
  readonly after?: number | undefined;
  readonly before?: number | undefined;
};

/** How many times as many rows are opened when those so far don't fill a page. */
const GROWTH = 8;

/**
 * Reads a page of a long list without opening all that is sealed. `read` is given a condition on the table's first view, to
 * be met besides its own; if its page isn't full, it is asked again for more, at last without one.
 */
export async function readPage<Row>(
  db: Queryable,
  sealed: SealedTable,
  page: PageOfSealed,
  read: (isNear: SQL | undefined) => Promise<Row[]>,
): Promise<Row[]> {
  for (let rows = page.rows; ; rows *= GROWTH) {
    const bound = await boundOf(db, sealed, { ...page, rows });
    const found = await read(bound === null ? undefined : isInBound(sealed, page.order, bound));
    if (bound === null || found.length === page.limit) return found;
  }
}

const ORDERS = {
  newestGroups: { by: sql`"groupNumber"`, order: sql`"groupNumber" desc` },
  newestTimes: { by: sql`"firstAt"`, order: sql`"firstAt" desc` },
  oldestTimes: { by: sql`"lastAt"`, order: sql`"lastAt"` },
} as const satisfies Record<PageOrder, { by: SQL; order: SQL }>;

/** How far from its end a list reaches that holds so many sealed rows; null when there are fewer. */
async function boundOf(
  db: Queryable,
  sealed: SealedTable,
  { order, shared, rows: wanted, after, before }: PageOfSealed,
): Promise<number | null> {
  const { by, order: ordering } = ORDERS[order];
  const where = and(
    ...conditions(shared),
    after === undefined ? undefined : gt(sql`"firstAt"`, after),
    before === undefined ? undefined : lt(sql`"lastAt"`, before),
    sql`true`,
  );
  // Rows of equal rank count together: that is how a window's sum takes them.
  const { rows } = await db.execute<{ bound: unknown }>(sql`
    select bound from (
      select ${by} as bound, sum("rowCount") over (order by ${ordering}) as total
      from ${headsOf(sealed)} where ${where}
    ) as heads where total >= ${wanted} order by total limit 1`);
  return rows[0] ? Number(rows[0].bound) : null;
}

function isInBound({ views: [view], time }: SealedTable, order: PageOrder, bound: number): SQL | undefined {
  const column = (name: string) => sql`${view}.${sql.identifier(name)}`;
  if (order === "newestGroups") return gte(column("groupNumber"), bound);
  const ofTable = column(present(time, "the time of a table in the order of times").name);
  return order === "newestTimes"
    ? and(gte(ofTable, bound), gte(column("lastAt"), bound))
    : and(lte(ofTable, bound), lte(column("firstAt"), bound));
}

function headsOf(sealed: SealedTable) {
  return sql.identifier(sealedName(sealed));
}

function conditions(shared: Shared): (SQL | undefined)[] {
  return Object.entries(shared).map(([name, values]) =>
    values === undefined ? undefined : inArray(sql`${sql.identifier(name)}`, [values].flat()),
  );
}
