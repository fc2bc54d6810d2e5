import { and, type Column, getTableColumns, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { present } from "#kernel/units/assert.ts";
import { keyColumns } from "./createTables.ts";
import { insertAll, MAX_ROWS, recordOf, recordsJson } from "./insertAll.ts";
import type { Queryable } from "./openStore.ts";
import type { IntervalPlace } from "./projection.ts";
import { isAmong } from "./sealed/restrict.ts";

/*
 * What a transaction of the projection works on: rows of its intervals are read together when the first of them is asked for,
 * changed in memory, and written together at its end. A statement takes the database and its driver as long as many rows.
 */

/** A table whose rows belong to intervals, and perhaps to members there; it has an index of both columns. */
export type IntervalTable = PgTable & {
  readonly areaId: PgColumn;
  readonly intervalId: PgColumn;
  readonly member?: PgColumn;
};
/** Members whose rows are read together, where only some members' are asked for. */
const SLICE_MEMBERS = 256;
type RowOf<Table extends PgTable> = Table["$inferSelect"];
type NewRow<Table extends PgTable> = Table["$inferInsert"];
type Row = Readonly<Record<string, unknown>>;

/** Rows of one table and one interval by their keys: as the database has them, and as they are now. */
type Part = {
  isRead: boolean;
  readonly slices: Set<number>;
  readonly before: Map<string, Row>;
  readonly rows: Map<string, Row>;
};

type Gathered = { readonly value: unknown; readonly write: () => Promise<void> };

type WorkingSet = {
  readonly isLong: boolean;
  readonly places: readonly IntervalPlace[];
  readonly parts: Map<IntervalTable, Map<string, Part>>;
  readonly looked: Map<PgTable, Map<unknown, unknown>>;
  readonly gathered: Map<PgTable, Gathered>;
};

const open = new WeakMap<Queryable, WorkingSet>();

/**
 * Begins the working set of a transaction, whose events are about these intervals. A long one, of several blocks, reads all
 * members of an interval at once; another one those that are asked for.
 */
export function openWorkingSet(
  tx: Queryable,
  places: readonly IntervalPlace[],
  { isLong }: { readonly isLong: boolean },
): void {
  open.set(tx, { isLong, places, parts: new Map(), looked: new Map(), gathered: new Map() });
}

/** Writes all that changed; the transaction then has no working set any more. */
export async function writeWorkingSet(tx: Queryable): Promise<void> {
  const { parts, gathered } = setOf(tx);
  for (const [table, ofPlaces] of parts) await writeParts(tx, table, [...ofPlaces.values()]);
  for (const { write } of gathered.values()) await write();
  open.delete(tx);
}

/** Rows of an interval as they are now, in no order; those of some members, and perhaps of others, where it says which. */
export async function rowsOf<Table extends IntervalTable>(
  tx: Queryable,
  table: Table,
  place: IntervalPlace,
  { members }: { readonly members?: readonly number[] } = {},
): Promise<RowOf<Table>[]> {
  const { rows } = await readPart(tx, table, { place, members });
  return [...rows.values()] as RowOf<Table>[];
}

/**
 * Puts rows of an interval in place of those that `isReplaced` says, and of those with the same keys; `members` names all
 * members of both, where they are few.
 */
export async function replaceRows<Table extends IntervalTable>(
  tx: Queryable,
  table: Table,
  place: IntervalPlace,
  {
    isReplaced = () => true,
    members,
    by,
  }: {
    readonly isReplaced?: (row: RowOf<Table>) => boolean;
    readonly members?: readonly number[] | undefined;
    readonly by: readonly NewRow<Table>[];
  },
): Promise<void> {
  const { rows } = await readPart(tx, table, { place, members });
  for (const [key, row] of rows) if (isReplaced(row)) rows.delete(key);
  addTo(rows, table, by);
}

/** Adds rows of an interval that the database can't have yet. */
export function addRows<Table extends IntervalTable>(
  tx: Queryable,
  table: Table,
  place: IntervalPlace,
  rows: readonly NewRow<Table>[],
): void {
  addTo(partOf(setOf(tx), table, place).rows, table, rows);
}

/** What was looked up of a table that seldom changes; {@link forget} says that it did. Outside a working set it is looked up anew. */
export async function remembered<Value>(
  tx: Queryable,
  table: PgTable,
  { key, look }: { readonly key: unknown; readonly look: () => Promise<Value> },
): Promise<Value> {
  const looked = open.get(tx)?.looked;
  if (looked === undefined) return look();
  const ofTable = looked.get(table) ?? new Map<unknown, unknown>();
  looked.set(table, ofTable);
  if (!ofTable.has(key)) ofTable.set(key, await look());
  return ofTable.get(key) as Value;
}

/** A table was changed: what was looked up of it may be so no longer. */
export function forget(tx: Queryable, table: PgTable): void {
  open.get(tx)?.looked.delete(table);
}

/** What is gathered of a table until the transaction's end, when `write` puts it into the database. */
export function gathered<Value>(
  tx: Queryable,
  table: PgTable,
  { begin, write }: { readonly begin: () => Value; readonly write: (value: Value) => Promise<void> },
): Value {
  const all = setOf(tx).gathered;
  const known = all.get(table);
  if (known) return known.value as Value;
  const value = begin();
  all.set(table, { value, write: () => write(value) });
  return value;
}

function setOf(tx: Queryable): WorkingSet {
  return present(open.get(tx), "a transaction with a working set");
}

function placeKey({ areaId, intervalId }: IntervalPlace): string {
  return `${areaId} ${intervalId}`;
}

function partOf(set: WorkingSet, table: IntervalTable, place: IntervalPlace): Part {
  const ofTable = set.parts.get(table) ?? new Map<string, Part>();
  set.parts.set(table, ofTable);
  const key = placeKey(place);
  const part = ofTable.get(key) ?? { isRead: false, slices: new Set(), before: new Map(), rows: new Map() };
  ofTable.set(key, part);
  return part;
}

type Asked = { readonly place: IntervalPlace; readonly members?: readonly number[] | undefined };

/** With the first rows that are asked for, those of all the set's intervals are read; of a few members in a short one, theirs. */
async function readPart(tx: Queryable, table: IntervalTable, { place, members }: Asked): Promise<Part> {
  const set = setOf(tx);
  const part = partOf(set, table, place);
  if (part.isRead) return part;
  if (members && table.member && !set.isLong) return readSlices(tx, table, { place, members });
  const unread = [place, ...set.places].filter((each) => !partOf(set, table, each).isRead);
  take(set, table, await tx.select().from(table).where(isAmong(table, unread)));
  for (const each of unread) partOf(set, table, each).isRead = true;
  return part;
}

async function readSlices(
  tx: Queryable,
  table: IntervalTable,
  { place, members = [] }: Asked,
): Promise<Part> {
  const set = setOf(tx);
  const part = partOf(set, table, place);
  const wanted = new Set(members.map((member) => Math.floor(member / SLICE_MEMBERS)));
  const slices = [...wanted].filter((slice) => !part.slices.has(slice));
  if (slices.length === 0) return part;
  const isOfSlices = sql`${table.member} / ${sql.raw(String(SLICE_MEMBERS))} in ${slices}`;
  take(
    set,
    table,
    await tx
      .select()
      .from(table)
      .where(and(isAmong(table, [place]), isOfSlices)),
  );
  for (const slice of slices) part.slices.add(slice);
  return part;
}

/** Rows that were read; what is known of them already stays, changed or taken out. */
function take(set: WorkingSet, table: IntervalTable, found: readonly Row[]): void {
  const keyOf = keyOfRows(table);
  for (const row of found) {
    const { before, rows } = partOf(set, table, row as IntervalPlace);
    const key = keyOf(row);
    if (before.has(key)) continue;
    before.set(key, row);
    if (!rows.has(key)) rows.set(key, row);
  }
}

function addTo<Table extends PgTable>(
  rows: Map<string, Row>,
  table: Table,
  added: readonly NewRow<Table>[],
): void {
  const keyOf = keyOfRows(table);
  const columns = Object.keys(getTableColumns(table));
  for (const row of added as readonly Row[])
    rows.set(keyOf(row), Object.fromEntries(columns.map((column) => [column, row[column] ?? null])));
}

const keyNames = new WeakMap<PgTable, readonly string[]>();

function keyOfRows(table: PgTable): (row: Row) => string {
  const names = keyNames.get(table) ?? keyColumns(table);
  keyNames.set(table, names);
  return (row) => names.map((name) => String(row[name])).join(" ");
}

async function writeParts(tx: Queryable, table: IntervalTable, parts: readonly Part[]): Promise<void> {
  const gone = parts.flatMap(({ before, rows }) =>
    [...before].filter(([key, row]) => rows.get(key) !== row).map(([, row]) => row),
  );
  const come = parts.flatMap(({ before, rows }) =>
    [...rows].filter(([key, row]) => before.get(key) !== row).map(([, row]) => row),
  );
  await deleteAll(tx, table, gone);
  await insertAll(tx, table, come as NewRow<IntervalTable>[]);
}

/** Deletes rows by their keys. */
async function deleteAll(tx: Queryable, table: PgTable, rows: readonly Row[]): Promise<void> {
  const names = keyColumns(table);
  const columns: [string, Column][] = Object.entries(getTableColumns(table)).filter(([, { name }]) =>
    names.includes(name),
  );
  const isSame = sql.join(
    columns.map(([, { name }]) => sql`${table}.${sql.identifier(name)} = gone.${sql.identifier(name)}`),
    sql` and `,
  );
  for (let at = 0; at < rows.length; at += MAX_ROWS) {
    const json = recordsJson(rows.slice(at, at + MAX_ROWS).map((row) => recordOf(row, columns)));
    await tx.execute(
      sql`delete from ${table} using json_populate_recordset(null::${table}, ${json}::json) gone where ${isSame}`,
    );
  }
}
