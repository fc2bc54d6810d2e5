import { z } from "zod";
import { decimal, hex, unixSeconds } from "#platform/api/wire.ts";

/** Where an exception leads: the interval, order, account or transaction that it is about. */
const subject = z.object({
  areaId: z.int().nullable(),
  intervalId: z.int().nullable(),
  account: z.int().nullable(),
  orderId: hex.nullable(),
  transactionHash: hex.nullable(),
});

/** Something that a person should look at, with what to do about it. */
export const exceptionWire = z.object({
  kind: z.enum([
    "roleDown",
    "failedTransaction",
    "failedInterval",
    "unsettledInterval",
    "lateReadings",
    "missingReadings",
    "refusedReading",
    "refusedOrder",
  ]),
  severity: z.enum(["act", "watch"]),
  at: unixSeconds.describe("by the market's clock"),
  title: z.string(),
  detail: z.string(),
  whatToDo: z.string(),
  subject,
});

export const operatorWire = z.object({
  now: unixSeconds,
  exceptions: z.array(exceptionWire),
  health: z.array(z.object({ name: z.string(), isReady: z.boolean(), detail: z.string() })),
  spending: z.object({
    transactions: z.int(),
    gasUsed: decimal,
    gasPerTrade: decimal.nullable(),
    byPurpose: z.array(z.object({ purpose: z.string().nullable(), transactions: z.int(), gasUsed: decimal })),
    gridFeeMicro: decimal.describe("paid to the grid operator"),
    remainderMicro: decimal.describe("left by rounding, in the community fund"),
  }),
  throughput: z.object({
    intervals: z.int(),
    settledIntervals: z.int(),
    orders: z.int(),
    trades: z.int(),
    settlements: z.int(),
    clearedWh: decimal,
    lastSettledAt: unixSeconds.nullable().describe("end of the newest settled interval"),
    lagSeconds: z.int().nullable().describe("from the end of that interval to now, by the market's clock"),
    processedPerHour: z
      .number()
      .nullable()
      .describe(
        "settled intervals an hour of the world's clock, over its last hour; null before there are two",
      ),
  }),
});
