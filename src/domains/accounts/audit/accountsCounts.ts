import type { CountWords } from "#platform/audit/replay.ts";

export const ACCOUNTS_COUNTS: CountWords = {
  "accounts.registered": { name: "Accounts", how: "numbered without gaps, one owner each" },
};
