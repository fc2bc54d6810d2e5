import { z } from "zod";
import { decimal, hex, unixSeconds } from "#platform/api/wire.ts";

const sums = z.object({
  localImportWh: decimal.describe("energy from neighbours, Wh"),
  gridImportWh: decimal.describe("energy from the supplier, Wh"),
  localExportWh: decimal.describe("energy to neighbours, Wh"),
  gridExportWh: decimal.describe("energy to the supplier, Wh"),
  costMicro: decimal.describe("what all of it cost, less what it earned; negative where it earned more"),
  tariffMicro: decimal.describe("the same by the tariff alone"),
});

/** What a home wants to know of itself, told to its meter's device. */
export const homeWire = z.object({
  meterId: hex,
  areaId: z.int(),
  member: z.int(),
  account: z.int(),
  now: unixSeconds,
  currency: z.string().describe("ISO 4217 code"),
  traded: z
    .object({
      intervalId: z.int(),
      startsAt: unixSeconds,
      boughtWh: decimal.describe("energy bought from neighbours, Wh"),
      soldWh: decimal.describe("energy sold to neighbours, Wh"),
    })
    .nullable()
    .describe("the newest interval in which the home traded; null before"),
  today: sums.describe("since midnight in the area's zone"),
  total: sums.describe("of all intervals that are billed"),
  plan: z
    .array(
      z.object({
        intervalId: z.int(),
        startsAt: unixSeconds,
        side: z.enum(["bid", "offer"]).describe("bid buys, offer sells"),
        energyWh: decimal.describe("amount of energy, Wh"),
        limitPriceMicroPerKwh: decimal.describe("most that it pays, least that it takes, micro per kWh"),
      }),
    )
    .describe("orders of the home that wait for their clearing, the earliest interval first"),
});
