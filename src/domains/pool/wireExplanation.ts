import { z } from "zod";
import { decimal, hex } from "#platform/api/wire.ts";
import { orderWire, side } from "./wire.ts";

/** What became of an order, and by which rule (AMB-15: pro rata by participant at the marginal price). */
export const explanationWire = z.object({
  order: orderWire,
  sentence: z
    .string()
    .describe("what happened, in numbers")
    .meta({ example: "Bought 0.25 kWh at €0.214 a kWh." }),
  rule: z
    .string()
    .describe("the rule behind it, in one sentence")
    .meta({ example: "All trades of an interval have one price." }),
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
          z.object({
            orderId: hex,
            member: z.int(),
            account: z.int(),
            energyWh: decimal,
            fillWh: decimal,
            sequence: z.int(),
          }),
        )
        .describe("the first 500 of them, by member, then sequence"),
    })
    .nullable()
    .describe("the orders of this side at the same price, when they shared what was left"),
  side,
});
