import { expect, it } from "vitest";
import { type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { testAddress } from "#platform/chain/deployment.fixture.ts";
import { type EscrowEvent, explainEscrow } from "./escrowMovements.ts";

const [POOL, OTHER] = [testAddress(1), testAddress(2)];
const hashOf = (number: number): Hex => toHex(wordOf(number));

/** Events of transaction `number`: a kind, or a kind with what it moved for a market. */
const inTransaction = (number: number, ...list: (string | [string, bigint, Hex?])[]): EscrowEvent[] =>
  list.map((entry) => {
    if (typeof entry === "string") return { kind: entry, transactionHash: hashOf(number) };
    const [kind, amountMicro, market = POOL] = entry;
    return { kind, amountMicro, market, transactionHash: hashOf(number) };
  });

const explained = (events: readonly EscrowEvent[]) =>
  [...explainEscrow(events, POOL)].map(([{ kind }, micro]) => [kind, micro]);

it("adds up what a clearing took and let go before it says so", () => {
  const events = inTransaction(
    1,
    ["released", 1n],
    ["held", 10n],
    ["held", 5n],
    "intervalUnsupplied",
    "stepVerified",
  );
  expect(explained(events)).toEqual([["stepVerified", 14n]]);
});

it("tells apart what one transaction does after the other", () => {
  const events = inTransaction(
    1,
    ["released", 30n],
    "pageSettled",
    "intervalSettled",
    ["held", 7n],
    "intervalCleared",
    "clearingAbandoned",
    ["released", 2n],
    "pageReturned",
    "intervalReturned",
  );
  expect(explained(events)).toEqual([
    ["pageSettled", -30n],
    ["intervalCleared", 7n],
    ["clearingAbandoned", 0n],
    ["pageReturned", -2n],
  ]);
});

it("takes nothing of another market, nor of another transaction", () => {
  const events = [
    ...inTransaction(1, ["held", 10n]),
    ...inTransaction(2, ["held", 4n, OTHER], ["held", 3n], "intervalCleared"),
  ];
  expect(explained(events)).toEqual([["intervalCleared", 3n]]);
});
