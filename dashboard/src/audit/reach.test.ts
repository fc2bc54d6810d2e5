import { expect, it } from "vitest";
import { progressWords, reachWords } from "./reach.ts";

const count = (amount: number) => amount.toLocaleString("en-GB");

it.each([
  [null, "That holds up to block 3,911. How many blocks came since is not known here."],
  [0, "That holds up to block 3,911. No block came since."],
  [1, "That holds up to block 3,911. 1 block came since and is not checked yet."],
  [1_200, "That holds up to block 3,911. 1,200 blocks came since and are not checked yet."],
])("says up to which block an answer holds, with %s blocks since", (blocksSince, words) => {
  expect(reachWords({ toBlock: 3_911, blocksSince }, count)).toBe(words);
});

it("says what is left, and that all blocks are not the end", () => {
  expect(progressWords({ block: 3_911, lastBlock: 4_020 }, count)).toBe(
    "Auditing: block 3,911 of 4,020, 109 left",
  );
  expect(progressWords({ block: 4_020, lastBlock: 4_020 }, count)).toBe(
    "Auditing: block 4,020 of 4,020; then every balance is compared with the chain’s",
  );
});
