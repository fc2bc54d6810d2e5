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
import type { Pricing, Side } from "#kernel/auction/order.ts";
import { hexBytes, micro, packedText, seconds, sumWh } from "#platform/store/columns.ts";
import { type SealedTable, sealedView } from "#platform/store/sealed/sealedTable.ts";
import type { QuotaStage } from "./rules/quotaStage.ts";

/** Powers and sums of powers, whole W. */
const watts = () => bigint({ mode: "number" });
const intervalNumber = () => bigint({ mode: "number" });

/** The rules of an area's quotas, each version from its first period on. */
export const quotaTerms = pgTable(
  "quota_terms",
  {
    areaId: integer().notNull(),
    version: integer().notNull(),
    fromPeriod: bigint({ mode: "number" }).notNull(),
    periodSeconds: integer().notNull(),
    demandSeconds: integer().notNull(),
    allocationSeconds: integer().notNull(),
    orderSeconds: integer().notNull(),
    clearingSeconds: integer().notNull(),
    ratingW: watts().notNull(),
    floorMicroPerKw: bigint({ mode: "number" }).notNull(),
    ceilingMicroPerKw: bigint({ mode: "number" }).notNull(),
    penaltyPermille: integer().notNull(),
    pricing: text().$type<Pricing>().notNull(),
    announcedAt: seconds().notNull(),
    transactionHash: hexBytes().notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.version] })],
);

/**
 * Periods whose margin was said. `intervalId` is the first of its `intervals`; delivery is from `startsAt` to `endsAt`. `dso` and
 * `fund` are members. What is not known yet is null: how the margin was divided; what the auction came to, where there was one.
 * `isBookKnown` says whether the orders of the auction are known, as those that reach the market directly are. `openDeposits` counts the stations whose
 * deposit is not back yet.
 */
export const quotaPeriods = pgTable(
  "quota_periods",
  {
    areaId: integer().notNull(),
    period: bigint({ mode: "number" }).notNull(),
    intervalId: intervalNumber().notNull(),
    intervals: integer().notNull(),
    startsAt: seconds().notNull(),
    endsAt: seconds().notNull(),
    stage: text().$type<QuotaStage>().notNull(),
    termsVersion: integer().notNull(),
    marginW: watts().notNull(),
    forecastW: watts().notNull(),
    reserveW: watts().notNull(),
    tariffMicroPerKwh: micro().notNull(),
    cnyMicroPerEther: micro().notNull(),
    dso: integer().notNull(),
    fund: integer().notNull(),
    stations: integer().notNull(),
    openDeposits: integer().notNull(),
    unpaid: integer().notNull(),
    totalDemandW: watts().notNull(),
    isRationed: boolean(),
    cutRemainder: micro(),
    cutMember: integer(),
    localPriceMicroPerKw: bigint({ mode: "number" }),
    clearedW: watts(),
    remainderMicro: micro(),
    bookRoot: hexBytes(),
    isBookKnown: boolean(),
    orders: integer(),
    trades: integer(),
    initializedAt: seconds().notNull(),
    initializedIn: hexBytes().notNull(),
    allocatedAt: seconds(),
    allocatedIn: hexBytes(),
    clearedAt: seconds(),
    clearedIn: hexBytes(),
  },
  (table) => [
    primaryKey({ columns: [table.areaId, table.period] }),
    index("quota_periods_open").on(table.openDeposits),
  ],
);

const stationColumns = {
  areaId: integer().notNull(),
  intervalId: intervalNumber().notNull(),
  period: bigint({ mode: "number" }).notNull(),
  member: integer().notNull(),
  account: integer().notNull(),
  demandW: watts().notNull(),
  depositMicro: micro().notNull(),
  demandedAt: seconds().notNull(),
  demandedIn: hexBytes().notNull(),
  allocatedW: watts(),
  tradedW: watts().notNull(),
  quotaMicro: micro().notNull(),
  meteredWh: sumWh(),
  excessWh: sumWh(),
  feeMicro: micro(),
  penaltyMicro: micro(),
  missing: integer(),
  paidAt: seconds(),
  paidIn: hexBytes(),
  withdrawnMicro: micro(),
  withdrawnAt: seconds(),
  withdrawnIn: hexBytes(),
  brought: packedText(),
};

/**
 * Stations that demanded power in a period, whose first interval is `intervalId`. `allocatedW` is null until the margin is divided. `tradedW` was
 * bought where positive and sold where negative, `quotaMicro` paid and received likewise. What the period cost is null until it is paid;
 * `missing` counts intervals without a reading. `brought` is what the payment showed of each interval, JSON.
 */
export const quotaStations = pgTable("quota_stations", stationColumns, (table) => [
  primaryKey({ columns: [table.account, table.intervalId, table.areaId, table.member] }),
  index("quota_stations_interval").on(table.areaId, table.intervalId),
]);

/** All stations of periods, of days that are sealed too. */
export const allQuotaStations = sealedView("all_quota_stations", stationColumns);

const { brought: _brought, ...figureColumns } = stationColumns;

/** The same without what their payments showed. */
export const allStationFigures = sealedView("all_station_figures", figureColumns);

const orderColumns = {
  orderId: hexBytes().primaryKey(),
  areaId: integer().notNull(),
  intervalId: intervalNumber().notNull(),
  period: bigint({ mode: "number" }).notNull(),
  side: text().$type<Side>().notNull(),
  place: integer().notNull(),
  member: integer().notNull(),
  account: integer().notNull(),
  limitPriceMicroPerKw: bigint({ mode: "number" }).notNull(),
  quotaW: watts().notNull(),
  sequence: integer().notNull(),
  signature: hexBytes().notNull(),
  filledW: watts().notNull(),
};

/** Signed orders of quota that an auction was cleared of. `place` counts the orders of a side from the best on. */
export const quotaOrders = pgTable("quota_orders", orderColumns, (table) => [
  index("quota_orders_interval").on(table.areaId, table.intervalId),
]);

/** All orders of quota, of days that are sealed too. */
export const allQuotaOrders = sealedView("all_quota_orders", orderColumns);

const tradeColumns = {
  areaId: integer().notNull(),
  intervalId: intervalNumber().notNull(),
  period: bigint({ mode: "number" }).notNull(),
  number: integer().notNull(),
  buyer: integer().notNull(),
  seller: integer().notNull(),
  quotaW: watts().notNull(),
  priceMicroPerKw: bigint({ mode: "number" }).notNull(),
};

/** Quota that went from one station to another; `buyer` and `seller` are members of the area. */
export const quotaTrades = pgTable("quota_trades", tradeColumns, (table) => [
  primaryKey({ columns: [table.areaId, table.intervalId, table.number] }),
]);

/** All trades of quota, of days that are sealed too. */
export const allQuotaTrades = sealedView("all_quota_trades", tradeColumns);

/** Tables of this domain, in the order in which they are created. */
export const TABLES: readonly PgTable[] = [quotaTerms, quotaPeriods, quotaStations, quotaOrders, quotaTrades];

/** How orders of quota are sealed: a station's together. */
export const SEALED_QUOTA_ORDERS = {
  table: quotaOrders,
  views: [allQuotaOrders],
  shared: [quotaOrders.account, quotaOrders.areaId, quotaOrders.member],
  key: quotaOrders.orderId,
} as const satisfies SealedTable;

/** How stations of periods are sealed: a station's together. */
export const SEALED_STATIONS = {
  table: quotaStations,
  views: [allQuotaStations, allStationFigures],
  shared: [quotaStations.account, quotaStations.areaId, quotaStations.member],
} as const satisfies SealedTable;

/** Those whose old rows are sealed; an auction's trades together, as each is of two stations. */
export const SEALED: readonly SealedTable[] = [
  SEALED_STATIONS,
  SEALED_QUOTA_ORDERS,
  { table: quotaTrades, views: [allQuotaTrades], shared: [quotaTrades.areaId] },
];
