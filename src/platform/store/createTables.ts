import { sql } from "drizzle-orm";
import { getTableConfig, type PgTable } from "drizzle-orm/pg-core";
import { toHex } from "#kernel/crypto/hex.ts";
import { keccak256Text } from "#kernel/crypto/typedData.ts";

/**
 * The statements that create the projection's tables. The schema in TypeScript is their only home: as the database can
 * be dropped and rebuilt from the chain, another schema needs no migration.
 */
export function createStatements(tables: readonly PgTable[]): string[] {
  return tables.flatMap((table) => [createTable(table), ...createIndexes(table)]);
}

/** The statements that drop them. */
export function dropStatements(tables: readonly PgTable[]): string[] {
  return tables.map((table) => `DROP TABLE IF EXISTS "${getTableConfig(table).name}" CASCADE`);
}

/** Changes with every change of the statements that create the schema. */
export function schemaFingerprint(statements: readonly string[]): string {
  return toHex(keccak256Text(statements.join(";")));
}

/** Names of all columns of a table in a total order of its rows: its primary key. */
export function keyColumns(table: PgTable): string[] {
  const { columns, primaryKeys } = getTableConfig(table);
  const composite = primaryKeys.flatMap((key) => key.columns.map(({ name }) => name));
  return composite.length > 0 ? composite : columns.filter(({ primary }) => primary).map(({ name }) => name);
}

function createTable(table: PgTable): string {
  const { name, columns } = getTableConfig(table);
  const lines = columns.map(
    (column) => `"${column.name}" ${column.getSQLType()}${column.notNull ? " NOT NULL" : ""}`,
  );
  const key = keyColumns(table).map((column) => `"${column}"`);
  return `CREATE TABLE "${name}" (${[...lines, `PRIMARY KEY (${key.join(", ")})`].join(", ")})`;
}

function createIndexes(table: PgTable): string[] {
  const { name, indexes } = getTableConfig(table);
  return indexes.map(({ config }) => {
    const columns = config.columns.map((column) => `"${"name" in column ? column.name : ""}"`);
    return `CREATE INDEX "${config.name}" ON "${name}" (${columns.join(", ")})`;
  });
}

/** Runs a statement of this file. */
export const rawStatement = (statement: string) => sql.raw(statement);
