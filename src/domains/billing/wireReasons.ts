import { z } from "zod";
import {
  accountParams,
  billLineWire,
  billsQuery,
  billWire,
  decimal,
  hex,
  orderWire,
  side,
  unixSeconds,
} from "#platform/api/wire.ts";

/** What became of an order, and by which rule (AMB-15: pro rata by participant at the marginal price). */
export const explanationWire = z.object({
  order: orderWire,
  sentence: z.string().describe("what happened, in numbers"),
  rule: z.string().describe("the rule behind it, in one sentence"),
  clearing: z
    .object({
      clearingPriceMicroPerKwh: decimal.nullable(),
      marginalBidMicroPerKwh: decimal.nullable(),
      marginalOfferMicroPerKwh: decimal.nullable(),
    })
    .nullable()
    .describe("null before the gate has closed"),
  level: z
    .object({
      levelWh: decimal.describe("energy of all orders at this price"),
      filledWh: decimal.describe("what they got together"),
      share: z.number().describe("filledWh over levelWh"),
      participants: z.int(),
      orders: z
        .array(
          z.object({ orderId: hex, account: z.int(), energyWh: decimal, fillWh: decimal, sequence: z.int() }),
        )
        .describe("the first 500 of them, by account, then sequence"),
    })
    .nullable()
    .describe("the orders of this side at the same price, when they shared what was left"),
  side,
});

export const statementQuery = z.strictObject({
  month: z
    .string()
    .regex(/^(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])$/, "a month such as 2025-05, from 1970 on")
    .optional()
    .describe("in the area's zone; the current month when left out"),
});
export const csvParams = accountParams;
export const csvQuery = billsQuery.pick({ from: true, to: true });

/** A line of a bill with the sentence that explains it. */
export const explainedLineWire = z.object({ ...billLineWire.shape, reason: z.string() });

/** The bill of a participant over a time, with its lines, the latest first, and one sentence of reason each. */
export const explainedBillWire = z.object({
  bill: billWire.nullable(),
  summary: z.string().nullable().describe("the whole time in one sentence"),
  from: unixSeconds.nullable(),
  to: unixSeconds.nullable(),
  lines: z.array(explainedLineWire),
});
