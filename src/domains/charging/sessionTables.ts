import { bigint, index, integer, type PgTable, pgTable, text } from "drizzle-orm/pg-core";
import { hexBytes, micro, seconds } from "#platform/store/columns.ts";

/** How far a session is on the chain. */
export const SESSION_STAGES = ["held", "charged", "disputed", "finished"] as const;

const seatNumber = () => bigint({ mode: "number" });

/** Stations that charge over the chain, at the metering points of their owners. */
export const chargingStations = pgTable("charging_stations", {
  stationId: hexBytes().primaryKey(),
  areaId: integer().notNull(),
  member: integer().notNull(),
  moduleKey: hexBytes().notNull(),
  tariffVersion: integer().notNull(),
  tariffHash: hexBytes().notNull(),
  registeredAt: seconds().notNull(),
  transactionHash: hexBytes().notNull(),
});

/**
 * Sessions as the chain has them: no place, no energy, no time of charging. `areaId` is that of the payee; `driverSeat` and
 * `payeeSeat` are seats, with their accounts beside them. What is not known yet is null.
 */
export const chargingSessions = pgTable(
  "charging_sessions",
  {
    id: hexBytes().primaryKey(),
    areaId: integer().notNull(),
    driverSeat: seatNumber().notNull(),
    driver: integer().notNull(),
    payeeSeat: seatNumber().notNull(),
    payee: integer().notNull(),
    session: hexBytes().notNull(),
    stage: text().$type<(typeof SESSION_STAGES)[number]>().notNull(),
    limitMicro: micro().notNull(),
    heldAt: seconds().notNull(),
    heldIn: hexBytes().notNull(),
    expiresAt: seconds().notNull(),
    amountMicro: micro(),
    invoiceHash: hexBytes(),
    chargedAt: seconds(),
    disputableUntil: seconds(),
    provenMicro: micro(),
    paidMicro: micro(),
    returnedMicro: micro(),
    finishedAt: seconds(),
  },
  (table) => [
    index("charging_sessions_area").on(table.areaId, table.heldAt),
    index("charging_sessions_driver").on(table.driver, table.heldAt),
  ],
);

export const SESSION_TABLES: readonly PgTable[] = [chargingStations, chargingSessions];
