import type { FieldWords } from "#platform/api/documentation/fieldWords.ts";

/** What the names of this field's answers mean, where their schemas do not say it. */
export const CHARGING_WORDS: FieldWords = {
  demandW: "power that a station asks for, W",
  demandedAt: "when it demanded",
  paidAt: "when it paid; null before",
  period: "number of the period: its start in unix seconds over its length",
  stage: "how far it is",
  terms: "the rules that hold for it",
};
