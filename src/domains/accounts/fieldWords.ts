import type { FieldWords } from "#platform/api/documentation/fieldWords.ts";

/** What the names of this field's answers mean, in every answer that has them. */
export const ACCOUNTS_WORDS: FieldWords = {
  escrowMicro: "money reserved for what was traded and is not settled yet",
  freeMicro: "money that can be withdrawn at once",
  isVerified: "whether somebody checked who it is",
  kycHash: "hash that binds the check of who it is; the check itself is not here",
  marginMicro: "money set aside to cover future trades",
  market: "address of the contract that holds the margin",
  movements: "changes of the account's money, the latest first",
  owner: "address that moves the account's money",
  participants: "one for each account",
  "participants:integer": "how many participants took part",
  registeredAt: "when the account was opened",
};
