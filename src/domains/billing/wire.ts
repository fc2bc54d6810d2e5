import { z } from "zod";
import { decimal, digits, MAX_SECONDS, paging, unixSeconds } from "#platform/api/wire.ts";

const billRange = { from: digits(MAX_SECONDS).optional(), to: digits(MAX_SECONDS).optional() };
export const billsQuery = z.strictObject({ ...billRange, ...paging });

/** What is owed (positive) or received by one rule of one field. */
export const chargeWire = z.object({
  kind: z
    .string()
    .describe("the field that made it, and its own name for it")
    .meta({ example: "pool.trades" }),
  energyWh: decimal
    .nullable()
    .describe("the energy that it is for: taken from others positive, given to others negative"),
  amountMicro: decimal,
  words: z.string().describe("what it is for").meta({ example: "bought from neighbours" }),
});

const billSums = {
  importWh: decimal,
  exportWh: decimal,
  gridImportWh: decimal.describe("imported beyond what was bought and consumed locally"),
  gridExportWh: decimal.describe("exported beyond what was sold and delivered locally"),
  charges: z
    .array(chargeWire)
    .describe("in sums a kind stands twice where some of it is for energy taken and some for energy given"),
  netMicro: decimal.describe("what all charges come to"),
};
export const billLineWire = z.object({
  areaId: z.int(),
  intervalId: z.int(),
  member: z.int().describe("of the account in this area"),
  startsAt: unixSeconds,
  ...billSums,
  beyondMicro: decimal.nullable().describe("energy beyond the market, at the tariff"),
  tariffMicro: decimal.nullable().describe("all energy at the tariff, as without a market"),
  isReadingMissing: z.boolean().describe("whether no reading came in time, so that it counted as zero"),
});
export const billWire = z.object({
  account: z.int(),
  intervals: z.int(),
  ...billSums,
  gridMicro: decimal.describe("paid beyond the market at the tariff"),
  feedInMicro: decimal.describe("received beyond the market; market bill = net + grid − feed-in"),
  marketBillMicro: decimal,
  tariffBillMicro: decimal,
  savingMicro: decimal,
  linesWithoutTariff: z.int(),
});

/** The total of a bill, and in whose hands its money is: see `Reconciliation`. */
export const reconciliationWire = z.object({
  totalMicro: decimal.describe(
    "the bill; through account + by supplier + later − for earlier − without tariff",
  ),
  throughAccountMicro: decimal.describe("settled in this time through the account; paid positive"),
  bySupplierMicro: decimal.describe("the supplier's own bill, which never passes the account"),
  settledLaterMicro: decimal.describe("owed for this time, settled after it"),
  settledForEarlierMicro: decimal.describe("settled in this time for intervals before it"),
  withoutTariffMicro: decimal.describe(
    "settled for intervals whose tariff is not known, which are in no bill",
  ),
  lines: z
    .array(
      z.object({
        name: z
          .string()
          .describe("the figure above that it shows, for programs")
          .meta({ example: "throughAccountMicro" }),
        words: z.string().describe("what it is, for a person").meta({ example: "through this account" }),
        micro: decimal.describe("what it adds to the total; negative takes from it"),
      }),
    )
    .describe("the same in words; they add up to the total"),
});
export const billsWire = z.object({
  bills: z.array(z.object({ ...billWire.shape, reconciliation: reconciliationWire })),
});
export const participantBillWire = z.object({
  bill: billWire.nullable(),
  reconciliation: reconciliationWire,
  lines: z.array(billLineWire),
});
