import { z } from "zod";
import { billLineWire, billsQuery, billWire, reconciliationWire } from "#domains/billing/wire.ts";
import { accountParams, unixSeconds } from "#platform/api/wire.ts";

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
  reconciliation: reconciliationWire,
  summary: z.string().nullable().describe("the whole time in one sentence"),
  from: unixSeconds.nullable(),
  to: unixSeconds.nullable(),
  lines: z.array(explainedLineWire),
});
