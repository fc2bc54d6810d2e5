import { z } from "zod";
import { unixSeconds } from "./wire.ts";
import { healthWire } from "./wireException.ts";

/** How this server does, for everybody: what runs, since when, and how far it has come. */
export const statusWire = z.object({
  version: z.string().describe("version of the program").meta({ example: "0.1.0" }),
  startedAt: unixSeconds.describe("when this server started, by the world's clock; unix seconds"),
  worldNow: unixSeconds.describe("time by the world's clock; unix seconds"),
  marketNow: unixSeconds.describe("time by the market's clock; unix seconds"),
  chainId: z.int(),
  lastBlock: z
    .int()
    .nullable()
    .describe("newest block with an event that is in the database; null before the first"),
  processedPerHour: z
    .number()
    .nullable()
    .describe("intervals settled an hour of the world's clock; null as long as it is not known"),
  incidents: z
    .int()
    .describe("refusals and failures of which this server still knows; what they are is the operator's"),
  checks: z.array(healthWire),
});
