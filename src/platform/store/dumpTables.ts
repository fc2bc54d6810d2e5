import { getTableConfig } from "drizzle-orm/pg-core";
import { keyColumns, rawStatement } from "./createTables.ts";
import type { Store } from "./openStore.ts";

/** All rows of all tables, each table in the order of its primary key: equal dumps are equal databases. */
export async function dumpTables({
  db,
  tables,
}: Pick<Store, "db" | "tables">): Promise<Record<string, readonly unknown[]>> {
  const dump: Record<string, readonly unknown[]> = {};
  for (const table of tables) {
    const { name } = getTableConfig(table);
    const order = keyColumns(table)
      .map((column) => `"${column}"`)
      .join(", ");
    const { rows } = await db.execute(rawStatement(`SELECT * FROM "${name}" ORDER BY ${order}`));
    dump[name] = rows;
  }
  return dump;
}
