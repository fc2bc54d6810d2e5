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
import {
  exact,
  hexBytes,
  memberSet,
  micro,
  packedText,
  seconds,
  sumWh,
  wh,
} from "#platform/store/columns.ts";
import { type SealedTable, sealedView } from "#platform/store/sealed/sealedTable.ts";
import type { Stage } from "./rules/stage.ts";

/**
 * The rules of an area's pool, each version from its first interval on (0: from the beginning). A supplier that accepted
 * a version, and under which operator, stands for its surpluses in intervals before `suppliedUntil`; null has no end.
 */
export const poolTerms = pgTable(
  "pool_terms",
  {
    areaId: integer().notNull(),
    version: integer().notNull(),
    fromInterval: bigint({ mode: "number" }).notNull(),
    gateClosureSeconds: integer().notNull(),
    pricing: text().$type<Pricing>().notNull(),
    floorMicroPerKwh: micro().notNull(),
    ceilingMicroPerKwh: micro().notNull(),
    upstreamPriceMicroPerKwh: micro().notNull(),
    penaltyPermille: micro().notNull(),
    surplusPriceMicroPerKwh: micro().notNull(),
    gridFeeMicroPerKwh: micro().notNull(),
    suppliedBy: integer(),
    suppliedUnder: hexBytes(),
    suppliedUntil: bigint({ mode: "number" }),
    announcedAt: seconds().notNull(),
    transactionHash: hexBytes().notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.version] })],
);

/**
 * `attempt` counts the clearings that were given up, the last at `abandonedAt`; all else is of the one after them. From its first step on are known
 * `termsVersion`, the members that are the area's parties for it, and `isSupplied`, whether the supplier stands for its
 * surpluses (null too where nothing is traded). `bookRoot` binds all orders of the clearing; `isBookComplete` says whether
 * `orders` counts all of them: without the desk's archive only the submitted ones are known. Before, they are null.
 */
export const intervals = pgTable(
  "intervals",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    startsAt: seconds().notNull(),
    endsAt: seconds().notNull(),
    stage: text().$type<Stage>().notNull(),
    attempt: integer().notNull(),
    abandonedAt: seconds(),
    termsVersion: integer(),
    supplier: integer(),
    dso: integer(),
    fund: integer(),
    isSupplied: boolean(),
    pricing: text().$type<Pricing>(),
    steps: integer().notNull(),
    orders: integer().notNull(),
    bookRoot: hexBytes(),
    isBookComplete: boolean(),
    trades: integer().notNull(),
    clearingPriceMicroPerKwh: micro(),
    localPriceMicroPerKwh: micro(),
    clearedWh: sumWh().notNull(),
    welfareMicro: micro(),
    supplierReserveMicro: micro().notNull(),
    gridFeeMicro: micro().notNull(),
    supplierMicro: micro(),
    remainderMicro: micro(),
    readingsRoot: hexBytes(),
    readingsVersion: integer(),
    readingsMeters: integer(),
    publishedAt: seconds(),
    clearedAt: seconds(),
    settledAt: seconds(),
    returnedAt: seconds(),
  },
  (table) => [
    primaryKey({ columns: [table.areaId, table.intervalId] }),
    index("intervals_stage").on(table.stage, table.startsAt),
  ],
);

/** The transactions of a clearing, of those given up too. `outcome` is the operator's declaration, JSON. */
export const clearingSteps = pgTable(
  "clearing_steps",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    attempt: integer().notNull(),
    step: integer().notNull(),
    transactionHash: hexBytes().notNull(),
    outcome: packedText().notNull(),
    bids: integer().notNull(),
    offers: integer().notNull(),
    isLast: boolean().notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.intervalId, table.attempt, table.step] })],
);

/**
 * The transactions of a settlement. `readings` is what was shown to the contract, JSON; `missing` has bit n % 256 for
 * member n of the page that counted as zero, since it had no reading when none was waited for any longer.
 */
export const settledPages = pgTable(
  "settled_pages",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    page: integer().notNull(),
    transactionHash: hexBytes().notNull(),
    gridFeeMicro: micro().notNull(),
    missing: memberSet().notNull(),
    readings: packedText().notNull(),
    timestamp: seconds().notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.intervalId, table.page] })],
);

const orderColumns = {
  orderId: hexBytes().primaryKey(),
  areaId: integer().notNull(),
  intervalId: bigint({ mode: "number" }).notNull(),
  step: integer(),
  side: text().$type<Side>().notNull(),
  place: integer(),
  member: integer().notNull(),
  account: integer().notNull(),
  limitPriceMicroPerKwh: bigint({ mode: "number" }).notNull(),
  energyWh: wh().notNull(),
  sequence: integer().notNull(),
  signature: hexBytes().notNull(),
  signer: hexBytes(),
  fillWh: wh(),
  exactPayment: exact(),
  receivedAt: seconds(),
  submittedAt: seconds(),
  refusal: text(),
};

/**
 * The orders of each interval as far as they are known; those of a clearing that was given up are taken out. `place` counts the orders of a side from the best on; `fillWh` and
 * `exactPayment` (thousandths of a micro, positive pays) are known once the clearing is complete. An order without a
 * `step` was not submitted: it is in the desk's archive and under the root of the book. One with a `refusal` was dropped
 * before the clearing, as the chain did not take it; it has no place.
 */
export const orders = pgTable("orders", orderColumns, (table) => [
  index("orders_interval").on(table.areaId, table.intervalId, table.side, table.place),
  index("orders_account").on(table.account, table.intervalId),
]);

/** All orders, of days that are sealed too. */
export const allOrders = sealedView("all_orders", orderColumns);

/** What of an order makes its place in a book. */
const { areaId, intervalId, side, place, limitPriceMicroPerKwh, energyWh, fillWh } = orderColumns;

/** All orders with what makes their place in a book. */
export const allLevels = sealedView("all_levels", {
  ...{ areaId, intervalId, side, place, limitPriceMicroPerKwh, energyWh, fillWh },
});

const tradeColumns = {
  areaId: integer().notNull(),
  intervalId: bigint({ mode: "number" }).notNull(),
  number: integer().notNull(),
  bidOrderId: hexBytes().notNull(),
  offerOrderId: hexBytes().notNull(),
  buyer: integer().notNull(),
  buyerMember: integer().notNull(),
  seller: integer().notNull(),
  sellerMember: integer().notNull(),
  energyWh: wh().notNull(),
  priceMicroPerKwh: bigint({ mode: "number" }).notNull(),
};

/** `buyer` and `seller` are accounts, beside their members of the area. */
export const trades = pgTable("trades", tradeColumns, (table) => [
  primaryKey({ columns: [table.areaId, table.intervalId, table.number] }),
]);

/** All trades, of days that are sealed too. */
export const allTrades = sealedView("all_trades", tradeColumns);

const positionColumns = {
  areaId: integer().notNull(),
  intervalId: bigint({ mode: "number" }).notNull(),
  attempt: integer().notNull(),
  member: integer().notNull(),
  account: integer().notNull(),
  side: text().$type<Side>().notNull(),
  boughtWh: sumWh().notNull(),
  soldWh: sumWh().notNull(),
  exactPayment: exact().notNull(),
  reserveMicro: micro().notNull(),
};

/**
 * What members traded, and what is reserved for it; a clearing's until it is settled and after. Those of a clearing that
 * was given up leave as they are given back.
 */
export const positions = pgTable("positions", positionColumns, (table) => [
  primaryKey({ columns: [table.account, table.intervalId, table.areaId, table.member, table.attempt] }),
  index("positions_interval").on(table.areaId, table.intervalId),
]);

/** All positions, of days that are sealed too. */
export const allPositions = sealedView("all_positions", positionColumns);

/** Tables of this domain, in the order in which they are created. */
export const TABLES: readonly PgTable[] = [
  poolTerms,
  intervals,
  clearingSteps,
  settledPages,
  orders,
  trades,
  positions,
];

/** How orders are sealed: a member's together. */
export const SEALED_ORDERS = {
  table: orders,
  views: [allOrders, allLevels],
  shared: [orders.account, orders.areaId, orders.member],
  key: orders.orderId,
} as const satisfies SealedTable;

/** How trades are sealed: an area's together, as each is of two members. */
export const SEALED_TRADES = {
  table: trades,
  views: [allTrades],
  shared: [trades.areaId],
} as const satisfies SealedTable;

/** Those whose old rows are sealed. */
export const SEALED: readonly SealedTable[] = [
  SEALED_ORDERS,
  SEALED_TRADES,
  {
    table: positions,
    views: [allPositions],
    shared: [positions.account, positions.areaId, positions.member],
  },
];
