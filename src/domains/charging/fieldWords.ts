import type { FieldWords } from "#platform/api/documentation/fieldWords.ts";

/** What the names of this field's answers mean, where their schemas do not say it. */
export const CHARGING_WORDS: FieldWords = {
  amountMicro: "what is charged, micro",
  chargedAt: "when it was charged; null before",
  disputableUntil: "until then the driver may dispute it; null before it is charged",
  driver: "account whose wallet it is, its number",
  driverMember: "number of the wallet in its area",
  expiresAt: "until then it may be charged",
  finishedAt: "when nothing of it was in escrow any more; null before",
  heldAt: "when the wallet was held for it",
  invoiceHash: "salted hash of the invoice; null before it is charged",
  limitMicro: "what the driver agreed to at most, micro",
  paidMicro: "what the station's owner got of it in the end, micro; null before",
  payee: "account that is paid, its number",
  provenMicro: "what a disputed session was proven to come to, micro; null without a proof",
  returnedMicro: "what the driver got back at its end, micro; null before",
  sessionStage: "how far the session is",
  demandW: "power that a station asks for, W",
  demandedAt: "when it demanded",
  paidAt: "when it paid; null before",
  period: "number of the period: its start in unix seconds over its length",
  stage: "how far it is",
  terms: "the rules that hold for it",
};
