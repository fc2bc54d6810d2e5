import { z } from "zod";
import { decimal, digits, unixSeconds } from "#platform/api/wire.ts";

/** Power of a limit, W: a thousand gigawatts. */
const MAX_LIMIT_W = 10 ** 12;

/** The end of the year 9999: later days have no date. */
const LAST_DATE_SECONDS = 253_402_300_799;

const span = { from: digits(LAST_DATE_SECONDS), to: digits(LAST_DATE_SECONDS) };

export const gridSpanQuery = z.strictObject(span);

const gridStep = z.enum(["interval", "hour", "day", "month"]);
export type GridStep = z.infer<typeof gridStep>;

export const gridSeriesQuery = z.strictObject({
  ...span,
  by: gridStep
    .optional()
    .describe(
      "left out: each interval over up to 32 days, each hour over more; days and months are the area's zone's",
    ),
});
export const gridQuery = z.strictObject({
  ...span,
  limitW: digits(MAX_LIMIT_W, { min: 1 })
    .optional()
    .describe("power that the loading is measured against; the sum of the connections when it is left out"),
});

/** The interval with the highest mean power in one direction, the earliest of equals. */
const peakWire = z
  .object({
    intervalId: z.int(),
    startsAt: unixSeconds,
    energyWh: decimal,
    powerW: z.int().describe("mean over the interval, rounded"),
    loading: z.number().nullable().describe("powerW over the limit; null without a limit"),
  })
  .nullable();

const sums = {
  intervals: z.int().describe("of which readings are known"),
  gridImportWh: decimal.describe(
    "what the area as a whole took from the grid, over the intervals in which it took",
  ),
  gridExportWh: decimal.describe("what it gave back to the grid, over the intervals in which it gave"),
  importSeconds: z.int().describe("how long it took from the grid: the length of these intervals"),
  exportSeconds: z.int().describe("how long it gave back: the length of these intervals"),
  peakImportWh: decimal.describe("most that it took in one interval"),
  peakExportWh: decimal.describe("most that it gave back in one interval"),
  gridFeeMicro: decimal.describe("grid fees that settlements of these intervals have paid so far"),
};

const date = z.iso.date().describe("of the area's zone").meta({ example: "2025-05-11" });
const month = z
  .string()
  .regex(/^\d{4}-\d{2}$/)
  .describe("of the area's zone, YYYY-MM");

/** An area's exchange with the grid over a time; all its meters together, energy between neighbours netted. */
export const gridWire = z.object({
  areaId: z.int(),
  from: unixSeconds,
  to: unixSeconds,
  intervalSeconds: z.int(),
  ...sums,
  peakImport: peakWire.describe("when most was taken from the grid; null where nothing was"),
  peakExport: peakWire.describe("when most was given back; null where nothing was"),
  limit: z.object({
    powerW: z.int().describe("that the loading is measured against"),
    basis: z
      .enum(["stated", "connections"])
      .describe("whether the reader stated it, or it is the sum of the connections in use today"),
  }),
  overLimitSeconds: z.int().describe("how long the mean power was above the limit, in either direction"),
  days: z.array(z.object({ date, startsAt: unixSeconds, ...sums })).describe("in the area's zone, rising"),
  months: z.array(z.object({ month, gridFeeMicro: decimal })).describe("the days by their months"),
  missing: z
    .object({
      readings: z.int().describe("that have not come for intervals of this time"),
      intervals: z.int().describe("with at least one that has not come"),
      unreadIntervals: z
        .int()
        .describe(
          "of which no reading came at all, though none is waited for any longer: they are in no figure",
        ),
      meters: z
        .array(
          z.object({
            member: z.int(),
            account: z.int(),
            intervals: z.int(),
            firstAt: unixSeconds.describe("start of the first interval without its reading"),
            lastAt: unixSeconds.describe("start of the last one"),
          }),
        )
        .nullable()
        .describe("which, at most 500; null to all but the area's grid operator and its operator"),
    })
    .describe("readings that have not come"),
});

/**
 * A time in columns: entry `i` of each belongs to `startsAt[i]`. At most 366 days. A step between two others of which nothing
 * is known is there, with null.
 */
export const gridSeriesWire = z.object({
  areaId: z.int(),
  intervalSeconds: z.int(),
  by: gridStep.describe("what the entries are of: intervals, hours, days or months"),
  startsAt: z.array(z.int()),
  gridImportWh: z.array(z.int().nullable()).describe("taken from the grid; null without a reading"),
  gridExportWh: z.array(z.int().nullable()).describe("given back to the grid"),
  peakImportWh: z.array(z.int().nullable()).describe("most that was taken in one interval of the step"),
  peakExportWh: z.array(z.int().nullable()).describe("most that was given back in one interval of the step"),
  gridFeeMicro: z
    .array(decimal.meta({ example: "15100" }).nullable())
    .describe("null where nothing is settled"),
});
