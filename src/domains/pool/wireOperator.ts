import { z } from "zod";
import { decimal, unixSeconds } from "#platform/api/wire.ts";
import { exceptionWire, healthWire } from "#platform/api/wireException.ts";

export const operatorWire = z.object({
  now: unixSeconds,
  exceptions: z.array(exceptionWire),
  health: z.array(healthWire),
  spending: z.object({
    transactions: z.int(),
    gasUsed: decimal,
    gasPerTrade: decimal.nullable(),
    byPurpose: z.array(
      z.object({
        purpose: z.string().meta({ example: "settle" }).nullable(),
        transactions: z.int(),
        gasUsed: decimal,
      }),
    ),
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
