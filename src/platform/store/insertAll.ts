import { type Column, getTableColumns, sql } from "drizzle-orm";
import type { PgInsertValue, PgTable } from "drizzle-orm/pg-core";
import type { Queryable } from "./openStore.ts";

/** Rows a statement: what one takes in memory stays small. */
export const MAX_ROWS = 500;

/**
 * Inserts rows of any number; what a row does not have is null. All of a statement's rows are one value, JSON, that the database
 * takes apart: a value for each column of each row takes it and its driver twice as long.
 */
export async function insertAll<Table extends PgTable>(
  tx: Queryable,
  table: Table,
  rows: readonly PgInsertValue<Table>[],
): Promise<void> {
  const columns = Object.entries(getTableColumns(table));
  const names = sql.join(
    columns.map(([, column]) => sql.identifier(column.name)),
    sql`, `,
  );
  for (let at = 0; at < rows.length; at += MAX_ROWS) {
    const records = rows
      .slice(at, at + MAX_ROWS)
      .map((row) => recordOf(row as Readonly<Record<string, unknown>>, columns));
    await tx.execute(
      sql`insert into ${table} (${names}) select ${names} from json_populate_recordset(null::${table}, ${recordsJson(records)}::json)`,
    );
  }
}

/** Some columns of a row as the database takes them. */
export function recordOf(
  row: Readonly<Record<string, unknown>>,
  columns: readonly (readonly [string, Column])[],
): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(([key, column]) => {
      const value = row[key] ?? null;
      return [column.name, value === null ? null : column.mapToDriverValue(value)];
    }),
  );
}

/** Records as one value, which `json_populate_recordset` takes apart. */
export function recordsJson(records: readonly Readonly<Record<string, unknown>>[]): string {
  return JSON.stringify(records, (_key, value) => (typeof value === "bigint" ? String(value) : value));
}
