import {
  bigint,
  boolean,
  index,
  integer,
  type PgTable,
  pgTable,
  primaryKey,
  text,
} from "drizzle-orm/pg-core";
import { micro, seconds, sumWh } from "#platform/store/columns.ts";
import { type SealedTable, sealedView } from "#platform/store/sealed/sealedTable.ts";
import type { ChargeKind } from "./rules/charge.ts";

const lineColumns = {
  areaId: integer().notNull(),
  intervalId: bigint({ mode: "number" }).notNull(),
  member: integer().notNull(),
  account: integer().notNull(),
  startsAt: seconds().notNull(),
  importWh: sumWh().notNull(),
  exportWh: sumWh().notNull(),
  gridImportWh: sumWh().notNull(),
  gridExportWh: sumWh().notNull(),
  beyondMicro: micro(),
  tariffMicro: micro(),
  isReadingMissing: boolean().notNull(),
};

/**
 * A line of a bill: one member of an area, one interval, whether it traded or not (docs/model/bills.md). It has what the meter
 * and the tariff say; what is owed besides are the `charges` of the same member and interval. Energy beyond all markets is
 * `gridImportWh` and `gridExportWh`; what it costs, and what all would cost without a market, is null as long as the tariff of
 * the interval is not known. `isReadingMissing` says that no reading came in time, so that it counted as zero.
 */
export const billLines = pgTable("bill_lines", lineColumns, (table) => [
  primaryKey({ columns: [table.account, table.startsAt, table.areaId, table.member] }),
  index("bill_lines_interval").on(table.areaId, table.intervalId),
]);

/** All lines, of days that are sealed too. */
export const allBillLines = sealedView("all_bill_lines", lineColumns);

const {
  gridImportWh: _gridImport,
  gridExportWh: _gridExport,
  isReadingMissing: _isMissing,
  ...meterColumns
} = lineColumns;

/** All lines without what a chart does not show. */
export const allMeterLines = sealedView("all_meter_lines", meterColumns);

const chargeColumns = {
  intervalId: bigint({ mode: "number" }).notNull(),
  startsAt: seconds().notNull(),
  energyWh: sumWh(),
  amountMicro: micro().notNull(),
  areaId: integer().notNull(),
  member: integer().notNull(),
  account: integer().notNull(),
  kind: text().$type<ChargeKind>().notNull(),
};

/**
 * What an account owes (positive) or gets for an interval by one rule of one field, `kind` (rules/charge.ts). Only where
 * something is owed or moved. Wide columns stand first: so a row needs no padding.
 */
export const charges = pgTable("charges", chargeColumns, (table) => [
  primaryKey({ columns: [table.account, table.startsAt, table.areaId, table.member, table.kind] }),
  index("charges_interval").on(table.areaId, table.intervalId),
]);

/** All charges, of days that are sealed too. */
export const allCharges = sealedView("all_charges", chargeColumns);

/**
 * What settlements of an interval have paid so far to the grid operator of the area, all payers together, by the field and rule
 * that charged it. Without a row nothing is settled; nothing is a row of nothing. Its rows are few, one an interval for all
 * homes together: a year is read without opening what is sealed.
 */
export const gridFees = pgTable(
  "grid_fees",
  {
    intervalId: bigint({ mode: "number" }).notNull(),
    startsAt: seconds().notNull(),
    amountMicro: micro().notNull(),
    areaId: integer().notNull(),
    kind: text().$type<ChargeKind>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.startsAt, table.kind] })],
);

/** Tables of this domain, in the order in which they are created. */
export const TABLES: readonly PgTable[] = [billLines, charges, gridFees];

/** How bill lines are sealed. */
export const SEALED_LINES = {
  table: billLines,
  views: [allBillLines, allMeterLines],
  shared: [billLines.account, billLines.areaId, billLines.member],
  time: billLines.startsAt,
} as const satisfies SealedTable;

/** Those whose old rows are sealed, a member's together. */
export const SEALED: readonly SealedTable[] = [
  SEALED_LINES,
  {
    table: charges,
    views: [allCharges],
    shared: [charges.account, charges.areaId, charges.member],
    time: charges.startsAt,
  },
];
