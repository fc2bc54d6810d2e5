import { deflateRawSync, inflateRawSync } from "node:zlib";
import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  numeric,
  type PgTable,
  pgTable,
  primaryKey,
  text,
} from "drizzle-orm/pg-core";
import type { Stage } from "#chain/poolMarket.ts";
import { fromHex, type Hex, toHex } from "#evidence/hex.ts";
import type { ReadingQuality } from "#evidence/meterReading.ts";
import type { Pricing, Side } from "#market/order.ts";

/**
 * How far an interval is on the chain. `collecting` has readings or nothing at all, but no clearing; a `settled` one
 * without trades had nothing to settle. `settling` and `voiding` have a page that is paid, or given back, and others in
 * escrow.
 */
export type IntervalStage = "collecting" | Exclude<Stage, "none">;

/**
 * What is known of a reading: `published` is signed and part of the published root, `opened` was shown to the contract
 * under that root, `unproven` is signed but not part of the root.
 */
export type ReadingProof = "published" | "opened" | "unproven";

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

/** Hashes, addresses and signatures: hexadecimal digits here, half as many bytes in the database. */
const hexBytes = customType<{ data: string; driverData: Uint8Array }>({
  dataType: () => "bytea",
  toDriver: (hex) => fromHex(hex as Hex),
  fromDriver: toHex,
});
/** Long text that is only ever read whole, compressed. */
const packedText = customType<{ data: string; driverData: Uint8Array }>({
  dataType: () => "bytea",
  toDriver: (content) => Uint8Array.from(deflateRawSync(content)),
  fromDriver: (bytes) => inflateRawSync(bytes).toString("utf8"),
});
/** Money in micro: whole, signed, 64 bits. */
const micro = () => bigint({ mode: "bigint" });
/** Energy sums in Wh. */
const sumWh = () => bigint({ mode: "bigint" });
/** Energy of one order, trade or reading, Wh: below 2³². */
const wh = () => bigint({ mode: "number" });
/** Unix seconds. */
const seconds = () => bigint({ mode: "number" });
/** Thousandths of a micro: 128 bits. */
const exact = () => numeric({ mode: "bigint", precision: 39, scale: 0 });

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

export const transactions = pgTable(
  "transactions",
  {
    hash: hexBytes().primaryKey(),
    block: integer().notNull(),
    place: integer().notNull(),
    sender: hexBytes().notNull(),
    purpose: text(),
    gasUsed: bigint({ mode: "bigint" }).notNull(),
    areaId: integer(),
    intervalId: bigint({ mode: "number" }),
  },
  (table) => [index("transactions_interval").on(table.areaId, table.intervalId)],
);

/** The log of all that happened, in order (R5.46); `facts` is JSON with integers of money and energy as strings. */
export const events = pgTable(
  "events",
  {
    block: integer().notNull(),
    logIndex: integer().notNull(),
    kind: text().notNull(),
    timestamp: seconds().notNull(),
    transactionHash: hexBytes().notNull(),
    areaId: integer(),
    intervalId: bigint({ mode: "number" }),
    account: integer(),
    facts: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.block, table.logIndex] }),
    index("events_kind").on(table.kind, table.block),
  ],
);

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

/** What an account has: free to withdraw, margin in markets, reserved in escrow. */
export const balances = pgTable("balances", {
  account: integer().primaryKey(),
  freeMicro: micro().notNull(),
  marginMicro: micro().notNull(),
  escrowMicro: micro().notNull(),
});

/** Changes of balances, with their cause. */
export const movements = pgTable(
  "movements",
  {
    block: integer().notNull(),
    logIndex: integer().notNull(),
    account: integer().notNull(),
    kind: text().$type<MovementKind>().notNull(),
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

export const areas = pgTable("areas", {
  areaId: integer().primaryKey(),
  operator: hexBytes().notNull(),
  supplier: integer().notNull(),
  dso: integer().notNull(),
  fund: integer().notNull(),
  intervalSeconds: integer().notNull(),
  gateClosureSeconds: integer().notNull(),
  pricing: text().$type<Pricing>().notNull(),
  floorMicroPerKwh: micro().notNull(),
  ceilingMicroPerKwh: micro().notNull(),
  upstreamPriceMicroPerKwh: micro().notNull(),
  penaltyPermille: micro().notNull(),
  surplusPriceMicroPerKwh: micro().notNull(),
  gridFeeMicroPerKwh: micro().notNull(),
  createdAt: seconds().notNull(),
  transactionHash: hexBytes().notNull(),
});

/**
 * `bookRoot` binds all orders of the clearing. `isBookComplete` says whether `orders` counts all of them: without the
 * desk's archive only the submitted ones are known. Both are null before the clearing.
 */
export const intervals = pgTable(
  "intervals",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    startsAt: seconds().notNull(),
    endsAt: seconds().notNull(),
    stage: text().$type<IntervalStage>().notNull(),
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
    voidedAt: seconds(),
  },
  (table) => [
    primaryKey({ columns: [table.areaId, table.intervalId] }),
    index("intervals_stage").on(table.stage, table.startsAt),
  ],
);

/** The transactions of a clearing. `outcome` is the operator's declaration, JSON. */
export const clearingSteps = pgTable(
  "clearing_steps",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    step: integer().notNull(),
    transactionHash: hexBytes().notNull(),
    outcome: packedText().notNull(),
    bids: integer().notNull(),
    offers: integer().notNull(),
    isLast: boolean().notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.intervalId, table.step] })],
);

/** The transactions of a settlement. `readings` is what was shown to the contract, JSON; null as contracted. */
export const settledPages = pgTable(
  "settled_pages",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    page: integer().notNull(),
    transactionHash: hexBytes().notNull(),
    gridFeeMicro: micro().notNull(),
    readings: packedText().notNull(),
    timestamp: seconds().notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.intervalId, table.page] })],
);

/**
 * The orders of each interval as far as they are known. `place` counts the orders of a side from the best on; `fillWh` and
 * `exactPayment` (thousandths of a micro, positive pays) are known once the clearing is complete. An order without a
 * `step` was not submitted: it is in the desk's archive and under the root of the book. One with a `refusal` was dropped
 * before the clearing, as the chain did not take it; it has no place.
 */
export const orders = pgTable(
  "orders",
  {
    orderId: hexBytes().primaryKey(),
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    step: integer(),
    side: text().$type<Side>().notNull(),
    place: integer(),
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
  },
  (table) => [
    index("orders_interval").on(table.areaId, table.intervalId, table.side, table.place),
    index("orders_account").on(table.account, table.intervalId),
  ],
);

export const trades = pgTable(
  "trades",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    number: integer().notNull(),
    bidOrderId: hexBytes().notNull(),
    offerOrderId: hexBytes().notNull(),
    buyer: integer().notNull(),
    seller: integer().notNull(),
    energyWh: wh().notNull(),
    priceMicroPerKwh: bigint({ mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.intervalId, table.number] })],
);

export const positions = pgTable(
  "positions",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    step: integer().notNull(),
    account: integer().notNull(),
    boughtWh: sumWh().notNull(),
    soldWh: sumWh().notNull(),
    exactPayment: exact().notNull(),
    reserveMicro: micro().notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.intervalId, table.step, table.account] })],
);

export const readings = pgTable(
  "readings",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
    account: integer().notNull(),
    meterId: hexBytes(),
    importWh: wh().notNull(),
    exportWh: wh().notNull(),
    quality: text().$type<ReadingQuality>().notNull(),
    version: integer().notNull(),
    signature: hexBytes(),
    proof: text().$type<ReadingProof>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.areaId, table.intervalId, table.account] }),
    index("readings_account").on(table.account, table.intervalId),
  ],
);

/**
 * A line of a bill: one account, one interval, whether it traded or not (docs/model/bills.md). Energy beyond the market
 * is `gridImportWh` and `gridExportWh`; what it costs, and what all would cost without a market, is null as long as the
 * tariff of the interval is not known.
 */
export const billLines = pgTable(
  "bill_lines",
  {
    areaId: integer().notNull(),
    intervalId: bigint({ mode: "number" }).notNull(),
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
  },
  (table) => [
    primaryKey({ columns: [table.areaId, table.intervalId, table.account] }),
    index("bill_lines_account").on(table.account, table.startsAt),
  ],
);

/** All tables of the projection, in the order in which they are created. */
export const TABLES: readonly PgTable[] = [
  meta,
  cursor,
  blocks,
  transactions,
  events,
  participants,
  meteringPoints,
  deviceKeys,
  balances,
  movements,
  areas,
  intervals,
  clearingSteps,
  settledPages,
  orders,
  trades,
  positions,
  readings,
  billLines,
];
