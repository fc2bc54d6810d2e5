import { bigint, index, integer, type PgTable, pgTable, primaryKey } from "drizzle-orm/pg-core";
import { seconds } from "#platform/store/columns.ts";

/**
 * What an area as a whole exchanged with the grid in an interval: `netWh` is what all its meters took less what they gave, so
 * that energy between neighbours is in neither. `meters` readings are in it; a meter without one counts as zero. Its rows are
 * few, one an interval for all homes together: a year is read without opening what is sealed.
 */
export const gridExchange = pgTable(
  "grid_exchange",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    startsAt: seconds().notNull(),
    netWh: bigint({ mode: "number" }).notNull(),
    meters: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.startsAt] })],
);

/** Metering points that were in use in an interval and whose reading has not come, as long as it has not. */
export const missingReadings = pgTable(
  "missing_readings",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    startsAt: seconds().notNull(),
    member: integer().notNull(),
    account: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.areaId, table.startsAt, table.member] }),
    index("missing_readings_member").on(table.areaId, table.member),
  ],
);

/** Tables of this domain, in the order in which they are created. */
export const TABLES: readonly PgTable[] = [gridExchange, missingReadings];
