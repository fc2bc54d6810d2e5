import { bigint, index, integer, type PgTable, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { hexBytes, seconds } from "./columns.ts";
import { type SealedTable, sealedView } from "./sealed/sealedTable.ts";

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

/** What touched the contracts; `areaId` and `intervalId` are the first that it was about. */
export const transactions = pgTable("transactions", {
  hash: hexBytes().primaryKey(),
  block: integer().notNull(),
  place: integer().notNull(),
  sender: hexBytes().notNull(),
  purpose: text(),
  gasUsed: bigint({ mode: "bigint" }).notNull(),
  areaId: integer(),
  intervalId: bigint({ mode: "number" }),
});

/** All intervals that a transaction was about, each with an equal part of its gas; what is over is of the first. */
export const intervalTransactions = pgTable(
  "interval_transactions",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    hash: hexBytes().notNull(),
    gasUsed: bigint({ mode: "bigint" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.intervalId, table.hash] })],
);

const eventColumns = {
  block: integer().notNull(),
  logIndex: integer().notNull(),
  kind: text().notNull(),
  timestamp: seconds().notNull(),
  transactionHash: hexBytes().notNull(),
  areaId: integer(),
  intervalId: bigint({ mode: "number" }),
  account: integer(),
  facts: text().notNull(),
};

/** The log of all that happened, in order (R5.46); `facts` is JSON with integers of money and energy as strings. */
export const events = pgTable("events", eventColumns, (table) => [
  primaryKey({ columns: [table.block, table.logIndex] }),
  // Equal entries of an index share its room: a column more would keep them apart.
  index("events_kind").on(table.kind),
  index("events_interval").on(table.areaId, table.intervalId),
]);

/** All events, of days that are sealed too. */
export const allEvents = sealedView("all_events", eventColumns);

/** How events of intervals are sealed: an area's together, to be found by their blocks. */
export const SEALED_EVENTS = {
  table: events,
  views: [allEvents],
  shared: [events.areaId],
  time: events.block,
} as const satisfies SealedTable;

/** Tables of the log, in the order in which they are created; those of the domains follow. */
export const LOG_TABLES: readonly PgTable[] = [
  meta,
  cursor,
  blocks,
  transactions,
  intervalTransactions,
  events,
];
