import { getTableConfig } from "drizzle-orm/pg-core";
import { keyColumns, rawStatement } from "./createTables.ts";
import type { Store } from "./openStore.ts";

/**
 * All rows of all tables, live and sealed, each table in the order of its primary key: equal dumps are equal databases,
 * whatever of them is sealed.
 */
export async function dumpTables({
  db,
  tables,
  sealed,
}: Pick<Store, "db" | "tables" | "sealed">): Promise<Record<string, readonly unknown[]>> {
  const dump: Record<string, readonly unknown[]> = {};
  for (const table of tables) {
    const { name, columns } = getTableConfig(table);
    const [view = table] = sealed.find((one) => one.table === table)?.views ?? [];
    const selected = quoted(columns.map((column) => column.name));
    const from = `"${getTableConfig(view).name}"`;
    const order = quoted(keyColumns(table));
    const { rows } = await db.execute(rawStatement(`SELECT ${selected} FROM ${from} ORDER BY ${order}`));
    dump[name] = rows;
  }
  return dump;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
