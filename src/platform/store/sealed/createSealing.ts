import { integer, pgTable, primaryKey } from "drizzle-orm/pg-core";
import { createStatements, dropStatements } from "#platform/store/createTables.ts";
import { createSealedStatements, dropSealedStatements } from "./sealedStatements.ts";
import type { SealedTable } from "./sealedTable.ts";

/** Groups that the chain told of. `sealedTables` counts the tables, in their order, whose rows of the group are sealed. */
export const intervalGroups = pgTable(
  "interval_groups",
  { areaId: integer().notNull(), groupNumber: integer().notNull(), sealedTables: integer().notNull() },
  (table) => [primaryKey({ columns: [table.areaId, table.groupNumber] })],
);

/** What the database has beside the tables so that their rows can be sealed. */
export function createSealing(sealed: readonly SealedTable[]): string[] {
  return [...createStatements([intervalGroups]), ...sealed.flatMap(createSealedStatements)];
}

/** Drops it; comes before the tables themselves are dropped. */
export function dropSealing(sealed: readonly SealedTable[]): string[] {
  return [...sealed.flatMap(dropSealedStatements), ...dropStatements([intervalGroups])];
}
