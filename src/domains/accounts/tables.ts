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
import { hexBytes, micro, seconds } from "#platform/store/columns.ts";

/** Why money of an account moved. */
export type MovementKind =
  | "deposited"
  | "withdrawn"
  | "marginAdded"
  | "marginWithdrawn"
  | "marginOverflowed"
  | "reserved"
  | "settled"
  | "returned"
  | "gridFee"
  | "supplierPaid"
  | "remainderBooked";

export const participants = pgTable("participants", {
  account: integer().primaryKey(),
  address: hexBytes().notNull(),
  kycHash: hexBytes().notNull(),
  isVerified: boolean().notNull(),
  entity: integer(),
  areaId: integer(),
  meterId: hexBytes(),
  registeredAt: seconds().notNull(),
});

/** Each stay of a metering point at an account. */
export const meteringPoints = pgTable(
  "metering_points",
  {
    block: integer().notNull(),
    logIndex: integer().notNull(),
    meterId: hexBytes().notNull(),
    account: integer().notNull(),
    areaId: integer().notNull(),
    enrolledAt: seconds().notNull(),
    retiredAt: seconds(),
  },
  (table) => [primaryKey({ columns: [table.block, table.logIndex] })],
);

/** Each key that a metering point signed with, and when (R6.11). */
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

/** What an account is free to withdraw. */
export const balances = pgTable("balances", {
  account: integer().primaryKey(),
  freeMicro: micro().notNull(),
});

/** What an account has in a market, which is named by its address: margin, and what is reserved in escrow. */
export const margins = pgTable(
  "margins",
  {
    account: integer().notNull(),
    market: hexBytes().notNull(),
    marginMicro: micro().notNull(),
    escrowMicro: micro().notNull(),
  },
  (table) => [primaryKey({ columns: [table.account, table.market] })],
);

/** Changes of balances, with their cause; `market` is null where only the free balance changed. */
export const movements = pgTable(
  "movements",
  {
    block: integer().notNull(),
    logIndex: integer().notNull(),
    account: integer().notNull(),
    kind: text().$type<MovementKind>().notNull(),
    market: hexBytes(),
    freeMicro: micro().notNull(),
    marginMicro: micro().notNull(),
    escrowMicro: micro().notNull(),
    timestamp: seconds().notNull(),
    transactionHash: hexBytes().notNull(),
    areaId: integer(),
    intervalId: bigint({ mode: "number" }),
  },
  (table) => [
    primaryKey({ columns: [table.block, table.logIndex, table.account, table.kind] }),
    index("movements_account").on(table.account, table.block, table.logIndex),
  ],
);

/** Tables of this domain, in the order in which they are created. */
export const TABLES: readonly PgTable[] = [
  participants,
  meteringPoints,
  deviceKeys,
  balances,
  margins,
  movements,
];
