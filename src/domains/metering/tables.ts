import { bigint, index, integer, type PgTable, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { hexBytes, seconds, wh } from "#platform/store/columns.ts";
import type { ReadingQuality } from "./rules/meterReading.ts";

/** Where energy is measured: who operates it, and whose accounts are parties of its markets. */
export const areas = pgTable("areas", {
  areaId: integer().primaryKey(),
  operator: hexBytes().notNull(),
  supplier: integer().notNull(),
  dso: integer().notNull(),
  fund: integer().notNull(),
  intervalSeconds: integer().notNull(),
  createdAt: seconds().notNull(),
  transactionHash: hexBytes().notNull(),
});

/**
 * What is known of a reading: `published` is signed and part of the published root, `opened` was shown to the contract
 * under that root, `unproven` is signed but not part of the root.
 */
export type ReadingProof = "published" | "opened" | "unproven";

export const readings = pgTable(
  "readings",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    account: integer().notNull(),
    meterId: hexBytes(),
    importWh: wh().notNull(),
    exportWh: wh().notNull(),
    quality: text().$type<ReadingQuality>().notNull(),
    version: integer().notNull(),
    signature: hexBytes(),
    proof: text().$type<ReadingProof>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.areaId, table.intervalId, table.account] }),
    index("readings_account").on(table.account, table.intervalId),
  ],
);

/** Tables of this domain, in the order in which they are created. */
export const TABLES: readonly PgTable[] = [areas, readings];
