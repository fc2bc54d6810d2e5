import { z } from "zod";
import { billLineWire, billsQuery, billWire, reconciliationWire } from "#domains/billing/wire.ts";
import { accountParams, decimal, digits, MAX_SECONDS, unixSeconds } from "#platform/api/wire.ts";

export const statementQuery = z.strictObject({
  month: z
    .string()
    .regex(/^(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])$/, "a month such as 2025-05, from 1970 on")
    .optional()
    .describe("in the area's zone; the current month when left out"),
});
export const csvParams = accountParams;
export const csvQuery = billsQuery.pick({ from: true, to: true });

export const explainedBillQuery = z.strictObject({
  ...billsQuery.shape,
  order: z
    .enum(["latest", "dearest", "earnedMost"])
    .optional()
    .default("latest")
    .describe("which lines come first; the latest when left out"),
});

export const periodsQuery = z.strictObject({
  from: digits(MAX_SECONDS),
  to: digits(MAX_SECONDS),
  of: z.enum(["day", "month"]).describe("days or months of the area's zone; at most 366 of them"),
});

/** What an account's intervals came to, by days or months that follow one another; those without a line are left out. */
export const periodsWire = z.object({
  periods: z
    .array(
      z.object({
        from: unixSeconds,
        to: unixSeconds,
        intervals: z.int(),
        importWh: decimal,
        exportWh: decimal,
        marketBillMicro: decimal.describe("market and tariff together; positive was paid"),
        tariffBillMicro: decimal.describe("the same energy at the tariff alone"),
        linesWithoutTariff: z.int(),
      }),
    )
    .describe("days or months with a line, the latest first"),
});

/** A line of a bill with the sentence that explains it. */
export const explainedLineWire = z.object({
  ...billLineWire.shape,
  reason: z
    .string()
    .describe("the line in one sentence")
    .meta({ example: "0.25 kWh came from neighbours at €0.214 a kWh." }),
});

/** The bill of a participant over a time, with its lines, the latest first, and one sentence of reason each. */
export const explainedBillWire = z.object({
  bill: billWire.nullable(),
  reconciliation: reconciliationWire,
  summary: z
    .string()
    .nullable()
    .describe("the whole time in one sentence")
    .meta({ example: "40 % of what you used came from neighbours." }),
  from: unixSeconds.nullable(),
  to: unixSeconds.nullable(),
  lines: z.array(explainedLineWire),
});
