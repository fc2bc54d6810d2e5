import { bigint, index, integer, type PgTable, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { hexBytes, seconds, wh } from "#platform/store/columns.ts";
import { type SealedTable, sealedView } from "#platform/store/sealed/sealedTable.ts";
import type { ReadingQuality } from "./rules/meterReading.ts";

/** Where energy is measured: who operates it and publishes for it, and which members are parties of its markets. */
export const areas = pgTable("areas", {
  areaId: integer().primaryKey(),
  operator: hexBytes().notNull(),
  gateway: hexBytes().notNull(),
  supplier: integer().notNull(),
  dso: integer().notNull(),
  fund: integer().notNull(),
  intervalSeconds: integer().notNull(),
  waitingSeconds: integer().notNull(),
  openedAt: seconds().notNull(),
  transactionHash: hexBytes().notNull(),
});

/**
 * Members of areas. One with a `meterId` is a stay of that metering point at its account, until `retiredAt`: numbers never
 * come back. `capacityW` of its connection, W; 0 without a meter and when it is retired.
 */
export const members = pgTable(
  "members",
  {
    areaId: integer().notNull(),
    member: integer().notNull(),
    account: integer().notNull(),
    meterId: hexBytes(),
    capacityW: bigint({ mode: "number" }).notNull(),
    enrolledAt: seconds(),
    retiredAt: seconds(),
  },
  (table) => [
    primaryKey({ columns: [table.areaId, table.member] }),
    index("members_account").on(table.account),
    index("members_meter").on(table.meterId),
  ],
);

/** Each key that a metering point signed with, and when (R6.11); a revoked key ends at every meter. */
export const deviceKeys = pgTable(
  "device_keys",
  {
    block: integer().notNull(),
    logIndex: integer().notNull(),
    meterId: hexBytes().notNull(),
    deviceKey: hexBytes().notNull(),
    validFrom: seconds().notNull(),
    validUntil: seconds(),
  },
  (table) => [primaryKey({ columns: [table.block, table.logIndex] })],
);

/**
 * What is known of a reading: `published` is signed and part of the published root, `opened` was shown to the contract
 * under that root, `unproven` is signed but not part of the root.
 */
export type ReadingProof = "published" | "opened" | "unproven";

const readingColumns = {
  areaId: integer().notNull(),
  intervalId: bigint({ mode: "number" }).notNull(),
  member: integer().notNull(),
  account: integer().notNull(),
  meterId: hexBytes(),
  importWh: wh().notNull(),
  exportWh: wh().notNull(),
  quality: text().$type<ReadingQuality>().notNull(),
  version: integer().notNull(),
  signature: hexBytes(),
  proof: text().$type<ReadingProof>().notNull(),
};

/** What meters registered, the readings that are known, one a member and interval. */
export const readings = pgTable("readings", readingColumns, (table) => [
  primaryKey({ columns: [table.account, table.intervalId, table.areaId, table.member] }),
  index("readings_interval").on(table.areaId, table.intervalId),
]);

/** All readings, of days that are sealed too. */
export const allReadings = sealedView("all_readings", readingColumns);

/** How readings are sealed: a member's together. */
export const SEALED_READINGS = {
  table: readings,
  views: [allReadings],
  shared: [readings.account, readings.areaId, readings.member],
} as const satisfies SealedTable;

/** Those whose old rows are sealed. */
export const SEALED: readonly SealedTable[] = [SEALED_READINGS];

/**
 * What an area as a whole exchanged with the grid in an interval: `netWh` is what all its meters took less what they gave, so
 * that energy between neighbours is in neither. `meters` readings are in it; a meter without one counts as zero. Its rows are
 * few, one an interval for all homes together: a year is read without opening what is sealed.
 */
export const areaExchange = pgTable(
  "area_exchange",
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
  (table) => [primaryKey({ columns: [table.areaId, table.startsAt, table.member] })],
);

/** Tables of this domain, in the order in which they are created. */
export const TABLES: readonly PgTable[] = [
  areas,
  members,
  deviceKeys,
  readings,
  areaExchange,
  missingReadings,
];
