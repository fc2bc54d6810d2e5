import { z } from "zod";
import { decimal, unixSeconds } from "#platform/api/wire.ts";
import { side } from "./wire.ts";

/** What all members together wished at which price, in the intervals that were cleared last. */
export const depthWire = z.object({
  areaId: z.int(),
  intervals: z
    .array(
      z.object({
        intervalId: z.int(),
        startsAt: unixSeconds,
        endsAt: unixSeconds,
        localPriceMicroPerKwh: decimal.nullable().describe("null where nothing was traded"),
        clearedWh: decimal,
      }),
    )
    .describe("whose books are summed, the latest first"),
  levels: z
    .array(
      z.object({
        side,
        limitPriceMicroPerKwh: decimal,
        energyWh: decimal.describe("of all orders at this price"),
        fillWh: decimal.describe("what of it was traded"),
      }),
    )
    .describe("by rising price"),
});
