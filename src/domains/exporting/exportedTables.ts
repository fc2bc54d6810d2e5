import { getTableColumns, getTableName } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { DOMAINS } from "#domains/domains.ts";
import { type ExportedColumn, exportedColumns } from "./exportedColumns.ts";

/**
 * A table for analysis.
 *
 * @property domain the field that it is of
 * @property source the table, or the view of its live and sealed rows
 */
export type ExportedTable = {
  readonly name: string;
  readonly domain: string;
  readonly source: PgTable;
  readonly columns: readonly ExportedColumn[];
};

/** All tables of all fields, by their names. */
export const EXPORTED_TABLES: ReadonlyMap<string, ExportedTable> = new Map(
  DOMAINS.flatMap(({ name: domain, tables = [], sealed = [] }) =>
    tables.map((table): [string, ExportedTable] => {
      const name = getTableName(table);
      const source = sealed.find((each) => each.table === table)?.views[0] ?? table;
      return [name, { name, domain, source, columns: exportedColumns(source) }];
    }),
  ),
);

/** A column of a table by its field; undefined where it has none. */
export function columnOf({ source }: ExportedTable, field: string): PgColumn | undefined {
  return getTableColumns(source)[field];
}
