import type { CountWords } from "./replay.ts";

/** What the platform itself verifies, whatever the domains are. */
export const CHAIN_COUNTS: CountWords = {
  "chain.blocks": { name: "Blocks", how: "hash, contents, and link to the block before" },
  "chain.transactions": { name: "Transactions", how: "bytes give the hash, the signature gives the sender" },
};
