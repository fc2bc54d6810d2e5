import type { FieldWords } from "#platform/api/documentation/fieldWords.ts";

/** What the names of this field's answers mean, in every answer that has them. */
export const BILLING_WORDS: FieldWords = {
  amountMicro: "money: positive is owed, negative is received",
  bill: "sums over the time; null when nothing was settled in it",
  bills: "one for each participant",
  intervals: "settled intervals in the sums",
  lines: "one for each interval, the latest first",
  linesWithoutTariff: "intervals whose tariff is not known, which the comparison leaves out",
  marketBillMicro: "what it cost with the market",
  reconciliation: "how the total comes about, and in whose hands its money is",
  savingMicro: "tariff bill less market bill; negative where the market cost more",
  tariffBillMicro: "what the same energy would have cost at the supplier's tariff alone",
};
