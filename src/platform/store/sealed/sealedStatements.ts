import { getTableConfig, type PgTable } from "drizzle-orm/pg-core";
import { keyColumns } from "#platform/store/createTables.ts";
import { GROUP_INTERVALS, type IntervalGroup, type SealedTable } from "./sealedTable.ts";

/** The table of a table's sealed rows. */
export function sealedName({ table }: SealedTable): string {
  return `${nameOf(table)}_sealed`;
}

/** The table of the short keys of sealed rows, an array a group. */
export function keysName({ table }: SealedTable): string {
  return `${nameOf(table)}_keys`;
}

/** The statements that create the sealed rows' table, that of their keys, and the views. */
export function createSealedStatements(sealed: SealedTable): string[] {
  const name = sealedName(sealed);
  const shared = sharedNames(sealed);
  const lines = [
    ...columnsOf(sealed).map(
      ({ name, type, isShared }) => `"${name}" ${type}${isShared ? "" : "[]"} NOT NULL`,
    ),
    `"groupNumber" integer NOT NULL, "rowCount" integer NOT NULL, "firstAt" bigint, "lastAt" bigint`,
    `PRIMARY KEY (${quoted([...shared, "groupNumber"])})`,
  ];
  return [
    `CREATE TABLE "${name}" (${lines.join(", ")})`,
    `ALTER TABLE "${name}" ${inlineColumns(sealed).join(", ")}`,
    `ALTER TABLE "${name}" ${headNames(sealed)
      .map((column) => `ALTER COLUMN "${column}" SET STATISTICS ${STATISTICS}`)
      .join(", ")}`,
    `CREATE INDEX "${name}_group" ON "${name}" ("areaId", "groupNumber")`,
    ...(sealed.time ? [`CREATE INDEX "${name}_time" ON "${name}" ("areaId", "lastAt", "firstAt")`] : []),
    ...(sealed.key ? [createKeys(sealed)] : []),
    ...sealed.views.map((view) => createView(sealed, view)),
  ];
}

/** The statements that drop them. */
export function dropSealedStatements(sealed: SealedTable): string[] {
  return [
    ...sealed.views.map((view) => `DROP VIEW IF EXISTS "${nameOf(view)}"`),
    `DROP TABLE IF EXISTS "${sealedName(sealed)}"`,
    `DROP TABLE IF EXISTS "${keysName(sealed)}"`,
  ];
}

/** The statements that seal the live rows of a group, of which none is sealed yet. */
export function sealStatements(sealed: SealedTable, group: IntervalGroup): string[] {
  const live = nameOf(sealed.table);
  const isInGroup = ofLiveGroup(group);
  const columns = columnsOf(sealed);
  const values = columns.map(({ name, isShared }) => (isShared ? `"${name}"` : `array_agg("${name}")`));
  const [first, last] = sealed.time
    ? [`min("${sealed.time.name}")`, `max("${sealed.time.name}")`]
    : ["NULL", "NULL"];
  const targets = [...columns.map(({ name }) => name), "groupNumber", "rowCount", "firstAt", "lastAt"];
  // In this order neighbours repeat each other most; any would do.
  const order = quoted(["intervalId", ...keyColumns(sealed.table)]);
  return [
    `INSERT INTO "${sealedName(sealed)}" (${quoted(targets)})
      SELECT ${values.join(", ")}, ${group.groupNumber}, count(*), ${first}::bigint, ${last}::bigint
      FROM (SELECT * FROM "${live}" WHERE ${isInGroup} ORDER BY ${order}) AS "old"
      GROUP BY ${quoted(sharedNames(sealed))}`,
    ...(sealed.key
      ? [
          `INSERT INTO "${keysName(sealed)}" ("areaId", "groupNumber", "keys")
            SELECT "areaId", ${group.groupNumber}, array_agg(${shortKey(sealed.key.name)})
            FROM "${live}" WHERE ${isInGroup} GROUP BY "areaId"`,
        ]
      : []),
    `DELETE FROM "${live}" WHERE ${isInGroup}`,
  ];
}

/** The statements that make the sealed rows of a group live again. */
export function thawStatements(sealed: SealedTable, group: IntervalGroup): string[] {
  const { areaId, groupNumber } = group;
  const isInGroup = `"areaId" = ${areaId} AND "groupNumber" = ${groupNumber}`;
  const columns = columnsOf(sealed);
  const values = columns.map(({ name, isShared }) => (isShared ? `"${name}"` : `unnest("${name}")`));
  return [
    `INSERT INTO "${nameOf(sealed.table)}" (${quoted(columns.map(({ name }) => name))})
      SELECT ${values.join(", ")} FROM "${sealedName(sealed)}" WHERE ${isInGroup}`,
    `DELETE FROM "${sealedName(sealed)}" WHERE ${isInGroup}`,
    ...(sealed.key ? [`DELETE FROM "${keysName(sealed)}" WHERE ${isInGroup}`] : []),
  ];
}

/**
 * The statements that give the room of sealed rows to new ones, and now and then tell the planner how many there are: it would
 * take them for few and join them row by row. Not in a transaction.
 */
export function tidyStatements(sealed: SealedTable, { groupNumber }: IntervalGroup): string[] {
  const analyze = `ANALYZE "${sealedName(sealed)}" (${quoted(headNames(sealed))})`;
  return [`VACUUM "${nameOf(sealed.table)}"`, ...(groupNumber % COUNTED_EVERY === 0 ? [analyze] : [])];
}

/** Counting takes longer than sealing. */
const COUNTED_EVERY = 4;

/** A sample of a tenth of the usual size: what is counted are members and days. */
const STATISTICS = 10;

/** The first 32 bits of a hash, as a signed number. */
export function shortKeyOf(hash: string): number {
  return Number.parseInt(hash.slice("0x".length, "0x".length + 8), 16) | 0;
}

function shortKey(column: string): string {
  return `('x' || encode(substr("${column}", 1, 4), 'hex'))::bit(32)::integer`;
}

function createKeys(sealed: SealedTable): string {
  return `CREATE TABLE "${keysName(sealed)}" ("areaId" integer NOT NULL, "groupNumber" integer NOT NULL,
    "keys" integer[] NOT NULL, PRIMARY KEY ("areaId", "groupNumber"))`;
}

function createView(sealed: SealedTable, view: PgTable): string {
  const names = getTableConfig(view).columns.map(({ name }) => name);
  const shared = new Set(headNames(sealed));
  const liveTime = sealed.time ? `"${sealed.time.name}"` : "NULL::bigint";
  const live: Readonly<Record<string, string>> = {
    groupNumber: `("intervalId" / ${GROUP_INTERVALS})::integer`,
    firstAt: liveTime,
    lastAt: liveTime,
  };
  const ofLive = names.map((name) => `${live[name] ?? `"${name}"`} AS "${name}"`);
  const ofSealed = names.map(
    (name) => `${shared.has(name) ? `"${name}"` : `unnest("${name}")`} AS "${name}"`,
  );
  return `CREATE VIEW "${nameOf(view)}" AS SELECT ${ofLive.join(", ")} FROM "${nameOf(sealed.table)}"
    UNION ALL SELECT ${ofSealed.join(", ")} FROM "${sealedName(sealed)}"`;
}

/** Compressed arrays stay in their row, where reading is fastest; hashes and signatures, which are rarely read, don't. */
function inlineColumns(sealed: SealedTable): string[] {
  return columnsOf(sealed)
    .filter(({ type, isShared }) => !isShared && type !== "bytea")
    .map(({ name }) => `ALTER COLUMN "${name}" SET STORAGE MAIN`);
}

function ofLiveGroup({ areaId, groupNumber }: IntervalGroup): string {
  const first = groupNumber * GROUP_INTERVALS;
  return `"areaId" = ${areaId} AND "intervalId" BETWEEN ${first} AND ${first + GROUP_INTERVALS - 1}`;
}

function columnsOf(sealed: SealedTable) {
  const shared = new Set(sharedNames(sealed));
  return getTableConfig(sealed.table).columns.map((column) => ({
    name: column.name,
    type: column.getSQLType(),
    isShared: shared.has(column.name),
  }));
}

/** Columns that are not arrays, but for the count. */
function headNames(sealed: SealedTable): string[] {
  return [...sharedNames(sealed), "groupNumber", "firstAt", "lastAt"];
}

function sharedNames({ shared }: SealedTable): string[] {
  return shared.map(({ name }) => name);
}

function nameOf(table: PgTable): string {
  return getTableConfig(table).name;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
