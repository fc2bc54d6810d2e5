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
import { type SealedTable, sealedView } from "#platform/store/sealed/sealedTable.ts";

/** A seat needs 32 bits without a sign. */
const seatNumber = () => bigint({ mode: "number" });

/** Why money of an account moved: by whose events it moves says which kinds there are, with their words (`Domain.movements`). */
export type MovementKind = string;

/** Causes by which money of a bill goes through an account: they come to what its charges come to. */
export const SETTLING = ["settled", "quotaPaid", "energyPaid", "corrected"] as const;

/**
 * Who takes part. What was announced last counts for gates that close at `agentFrom`, `entityFrom` or later.
 *
 * @property agent signs the account's orders; null where its owner does
 * @property entity signs for the account; null for none
 */
export const participants = pgTable("participants", {
  account: integer().primaryKey(),
  owner: hexBytes().notNull(),
  kycHash: hexBytes().notNull(),
  isVerified: boolean().notNull(),
  isEntity: boolean().notNull(),
  agent: hexBytes(),
  agentFrom: seconds(),
  entity: integer(),
  entityFrom: seconds(),
  registeredAt: seconds().notNull(),
});

/** Members of areas and whose they are: a seat belongs to one account for ever. */
export const seats = pgTable(
  "seats",
  {
    seat: seatNumber().primaryKey(),
    areaId: integer().notNull(),
    member: integer().notNull(),
    account: integer().notNull(),
  },
  (table) => [index("seats_account").on(table.account)],
);

/** What an account is free to withdraw. */
export const balances = pgTable("balances", {
  account: integer().primaryKey(),
  freeMicro: micro().notNull(),
});

/** What a seat has in a market, which is named by its address: margin, and what is reserved in escrow. */
export const margins = pgTable(
  "margins",
  {
    seat: seatNumber().notNull(),
    market: hexBytes().notNull(),
    account: integer().notNull(),
    marginMicro: micro().notNull(),
    escrowMicro: micro().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.seat, table.market] }),
    index("margins_account").on(table.account),
  ],
);

/** What a seat owes another one in a market, because its margin fell short: paid first from what comes in. */
export const debts = pgTable(
  "debts",
  {
    market: hexBytes().notNull(),
    fromSeat: seatNumber().notNull(),
    toSeat: seatNumber().notNull(),
    owedMicro: micro().notNull(),
  },
  (table) => [primaryKey({ columns: [table.market, table.fromSeat, table.toSeat] })],
);

/** In place of a seat where the free balance alone changed: area 0 is nobody's. */
export const NO_SEAT = 0;

const movementColumns = {
  block: integer().notNull(),
  logIndex: integer().notNull(),
  account: integer().notNull(),
  seat: seatNumber().notNull(),
  kind: text().$type<MovementKind>().notNull(),
  market: hexBytes(),
  freeMicro: micro().notNull(),
  marginMicro: micro().notNull(),
  escrowMicro: micro().notNull(),
  timestamp: seconds().notNull(),
  transactionHash: hexBytes().notNull(),
  areaId: integer(),
  intervalId: bigint({ mode: "number" }),
};

/**
 * Changes of balances, with their cause; `market` is null and `seat` is NO_SEAT where only the free balance changed.
 * `areaId` and `intervalId` are those of a market's movement.
 */
export const movements = pgTable("movements", movementColumns, (table) => [
  primaryKey({ columns: [table.account, table.block, table.logIndex, table.seat, table.kind] }),
  index("movements_interval").on(table.areaId, table.intervalId),
]);

/** All movements, of days that are sealed too. */
export const allMovements = sealedView("all_movements", movementColumns);

/** How movements of intervals are sealed: those of a seat together. */
export const SEALED_MOVEMENTS = {
  table: movements,
  views: [allMovements],
  shared: [movements.account, movements.areaId, movements.seat],
  time: movements.timestamp,
} as const satisfies SealedTable;

/** Those whose old rows are sealed. */
export const SEALED: readonly SealedTable[] = [SEALED_MOVEMENTS];

/** Tables of this domain, in the order in which they are created. */
export const TABLES: readonly PgTable[] = [participants, seats, balances, margins, debts, movements];
