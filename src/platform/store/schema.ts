import { bigint, index, integer, type PgTable, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { hexBytes, seconds } from "./columns.ts";

export const meta = pgTable("meta", { key: text().primaryKey(), value: text().notNull() });

/** The last block whose events are in: one row. */
export const cursor = pgTable("cursor", {
  id: integer().primaryKey(),
  block: integer().notNull(),
  blockHash: hexBytes().notNull(),
});

export const blocks = pgTable("blocks", {
  number: integer().primaryKey(),
  hash: hexBytes().notNull(),
  timestamp: seconds().notNull(),
});

export const transactions = pgTable(
  "transactions",
  {
    hash: hexBytes().primaryKey(),
    block: integer().notNull(),
    place: integer().notNull(),
    sender: hexBytes().notNull(),
    purpose: text(),
    gasUsed: bigint({ mode: "bigint" }).notNull(),
    areaId: integer(),
    intervalId: bigint({ mode: "number" }),
  },
  (table) => [index("transactions_interval").on(table.areaId, table.intervalId)],
);

/** The log of all that happened, in order (R5.46); `facts` is JSON with integers of money and energy as strings. */
export const events = pgTable(
  "events",
  {
    block: integer().notNull(),
    logIndex: integer().notNull(),
    kind: text().notNull(),
    timestamp: seconds().notNull(),
    transactionHash: hexBytes().notNull(),
    areaId: integer(),
    intervalId: bigint({ mode: "number" }),
    account: integer(),
    facts: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.block, table.logIndex] }),
    index("events_kind").on(table.kind, table.block),
  ],
);

/** Tables of the log, in the order in which they are created; those of the domains follow. */
export const LOG_TABLES: readonly PgTable[] = [meta, cursor, blocks, transactions, events];
