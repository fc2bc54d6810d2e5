import type { PgInsertValue, PgTable } from "drizzle-orm/pg-core";
import type { Queryable } from "./openStore.ts";

/** Rows a statement: with 20 columns far below the 32,767 parameters that PostgreSQL takes. */
export const MAX_ROWS = 500;

/** Inserts rows of any number. */
export async function insertAll<Table extends PgTable>(
  tx: Queryable,
  table: Table,
  rows: readonly PgInsertValue<Table>[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += MAX_ROWS) {
    await tx.insert(table).values(rows.slice(at, at + MAX_ROWS));
  }
}
