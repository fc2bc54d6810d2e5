import { z } from "zod";

const column = z.array(z.number().nullable());

/**
 * The intervals of one account in an area in columns, all its members there together, oldest first: entry `i` of each
 * belongs to `startsAt[i]`. Energy in whole Wh as numbers, money in micro as decimal strings. At most 366 days.
 */
export const seriesWire = z.object({
  account: z.int(),
  areaId: z.int().nullable().describe("area of these intervals; null where the account is in none"),
  intervalSeconds: z.int(),
  startsAt: z.array(z.int()),
  importWh: column,
  exportWh: column,
  boughtWh: column,
  soldWh: column,
  costMicro: z
    .array(z.string().meta({ example: "53500" }).nullable())
    .describe("market and tariff; null where the tariff is not known"),
  tariffMicro: z
    .array(z.string().meta({ example: "53500" }).nullable())
    .describe("the same energy at the tariff alone"),
  loadWh: column.describe("consumed behind the meter; null without a sub-meter"),
  pvWh: column.describe("generated behind the meter; null without a sub-meter"),
  storedWh: column.describe("in the battery at the end; null without a sub-meter"),
});
