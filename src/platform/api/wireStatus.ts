import { z } from "zod";
import { unixSeconds } from "./wire.ts";
import { healthWire } from "./wireException.ts";

/** The newest interval of an area that the chain knows. */
const lastIntervalWire = z.object({
  areaId: z.int(),
  area: z.string().describe("name of the area").meta({ example: "Riverside" }),
  intervalId: z.int(),
  startsAt: unixSeconds,
  endsAt: unixSeconds,
  status: z.string().describe("its stage, as lists of intervals have it").meta({ example: "cleared" }),
});

/** Something that a role owes, was due and is not done. */
const behindDutyWire = z.object({
  name: z.string().describe("what is owed, a word for programs").meta({ example: "publish" }),
  areaId: z.int(),
  area: z.string().describe("name of the area").meta({ example: "Riverside" }),
  intervalId: z.int(),
  since: unixSeconds.describe("when it was due, by the market's clock; unix seconds"),
  waitsFor: z
    .string()
    .nullable()
    .describe("what it waits for; null where it failed and is tried again")
    .meta({ example: "2 of the readings" }),
});

export type LastInterval = z.infer<typeof lastIntervalWire>;

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
  finality: z
    .string()
    .describe("when a block of the chain is final: `immediate`, after so many blocks or so many validators")
    .meta({ example: "64 blocks" }),
  finalBlock: z
    .int()
    .nullable()
    .describe("newest block that is final; null where all are at once, and before the first"),
  lastIntervals: z
    .array(lastIntervalWire)
    .nullable()
    .describe("the newest interval of each area that has one; null while the database is down"),
  dutiesBehind: z
    .array(behindDutyWire)
    .describe("what was due and is tried again, the longest first; at most 50"),
  processedPerHour: z
    .number()
    .nullable()
    .describe("intervals settled an hour of the world's clock; null as long as it is not known"),
  incidents: z
    .int()
    .describe("refusals and failures of which this server still knows; what they are is the operator's"),
  checks: z.array(healthWire),
});
