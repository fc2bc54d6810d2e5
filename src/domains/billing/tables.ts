import { bigint, boolean, index, integer, type PgTable, pgTable, primaryKey } from "drizzle-orm/pg-core";
import { micro, seconds, sumWh } from "#platform/store/columns.ts";

/**
 * A line of a bill: one member of an area, one interval, whether it traded or not (docs/model/bills.md). Energy beyond the
 * market is `gridImportWh` and `gridExportWh`; what it costs, and what all would cost without a market, is null as long as
 * the tariff of the interval is not known. `isReadingMissing` says that no reading came in time, so that it counted as zero.
 */
export const billLines = pgTable(
  "bill_lines",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    member: integer().notNull(),
    account: integer().notNull(),
    startsAt: seconds().notNull(),
    importWh: sumWh().notNull(),
    exportWh: sumWh().notNull(),
    boughtWh: sumWh().notNull(),
    soldWh: sumWh().notNull(),
    shortfallWh: sumWh().notNull(),
    unconsumedWh: sumWh().notNull(),
    gridImportWh: sumWh().notNull(),
    gridExportWh: sumWh().notNull(),
    paymentMicro: micro().notNull(),
    shortfallMicro: micro().notNull(),
    surplusMicro: micro().notNull(),
    gridFeeMicro: micro().notNull(),
    netMicro: micro().notNull(),
    beyondMicro: micro(),
    tariffMicro: micro(),
    isReadingMissing: boolean().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.areaId, table.intervalId, table.member] }),
    index("bill_lines_account").on(table.account, table.startsAt),
  ],
);

/** Tables of this domain, in the order in which they are created. */
export const TABLES: readonly PgTable[] = [billLines];
