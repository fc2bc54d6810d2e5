import { describe, expect, it } from "vitest";
import type { AccountsFact } from "#domains/accounts/events.ts";
import { type Address, type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { DiscrepancyFound } from "#platform/audit/auditDiscrepancy.ts";
import type { Counts } from "#platform/audit/replay.ts";
import type { EventPlace } from "#platform/chain/contractSpec.ts";
import { replayMoney } from "./auditMoney.ts";
import { replayRegistry } from "./auditRegistry.ts";
import type { HouseBalances } from "./compareBooks.ts";

const addressAt = (n: number): Address => toHex(wordOf(n, 20));
const [HOUSE, FIRST, SECOND, UNKNOWN, OWNER] = [1, 2, 3, 4, 5].map(addressAt) as [
  Address,
  Address,
  Address,
  Address,
  Address,
];
const deployment = {
  chainId: 1,
  deployedAtBlock: 0,
  contracts: { clearingHouse: HOUSE, firstMarket: FIRST, secondMarket: SECOND },
};
const HASH: Hex = toHex(wordOf(9));
const PLACE: EventPlace = {
  block: 7,
  blockHash: HASH,
  timestamp: 0,
  logIndex: 0,
  transactionHash: HASH,
  transactionIndex: 0,
  sender: OWNER,
  gasUsed: 0n,
  purpose: null,
};

/** Account 1 brings 100 micro, of which 60 are margin in the first market and 30 in the second. */
const FACTS: readonly AccountsFact[] = [
  { contract: "registry", kind: "participantRegistered", account: 1, participant: OWNER, kycHash: HASH },
  { contract: "clearingHouse", kind: "deposited", account: 1, amountMicro: 100n },
  { contract: "token", kind: "tokenTransferred", from: OWNER, to: HOUSE, amountMicro: 100n },
  { contract: "clearingHouse", kind: "marginAdded", account: 1, market: FIRST, amountMicro: 60n },
  { contract: "clearingHouse", kind: "marginAdded", account: 1, market: SECOND, amountMicro: 30n },
];

const BALANCES = {
  freeMicro: new Map([[1, 10n]]),
  first: { marginMicro: new Map([[1, 60n]]), escrowMicro: 0n },
  second: { marginMicro: new Map([[1, 30n]]), escrowMicro: 0n },
  heldMicro: 100n,
  tokenBalanceMicro: 100n,
};

/** Replays facts of one transaction with the books of both markets open. */
function replay(facts: readonly AccountsFact[], { first, second, ...house } = BALANCES) {
  const counts: Counts = {};
  const registry = replayRegistry({ counts });
  const markets = new Map([
    [FIRST, first],
    [SECOND, second],
  ]);
  const balancesOf = async (): Promise<HouseBalances> => ({ ...house, markets });
  const money = replayMoney({ deployment, counts, registry, balancesOf });
  const books = { first: money.moneyOf("firstMarket"), second: money.moneyOf("secondMarket") };
  const apply = (more: readonly AccountsFact[]) => {
    for (const fact of more) {
      registry.apply({ ...fact, ...PLACE });
      money.apply({ ...fact, ...PLACE });
    }
  };
  apply(facts);
  const finish = () => money.finish?.({ block: 7 });
  return { money, ...books, apply, finish };
}

const ruleOf = async (work: () => unknown): Promise<string | null> => {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof DiscrepancyFound) return error.discrepancy.rule;
    throw error;
  }
};

describe("the money of two markets", () => {
  it("is kept apart, and adds up to what is held", async () => {
    expect(await ruleOf(replay(FACTS).finish)).toBeNull();
    const swapped = { ...BALANCES, first: BALANCES.second, second: BALANCES.first };
    expect(await ruleOf(replay(FACTS, swapped).finish)).toBe("margin");
  });

  it("is moved by the rules of its own market alone", async () => {
    const { first, second } = replay(FACTS);
    expect(await ruleOf(() => first.reserve(PLACE, new Map([[1, 60n]])))).toBeNull();
    expect(await ruleOf(() => second.reserve(PLACE, new Map([[1, 31n]])))).toBe("marginOverdrawn");
  });

  it("is explained by the market that moved it", async () => {
    const { money, first, second, apply } = replay(FACTS);
    apply([{ contract: "clearingHouse", kind: "held", market: SECOND, amountMicro: 5n }]);
    expect(first.takeHeld()).toBeNull();
    expect(await ruleOf(() => money.closeTransaction?.())).toBe("unexplainedMovement");
    expect(second.takeHeld()).toBe(5n);
    expect(await ruleOf(() => money.closeTransaction?.())).toBeNull();
  });

  it.each([
    ["margin", { kind: "marginAdded", account: 1, amountMicro: 1n }],
    ["margin taken out", { kind: "marginWithdrawn", account: 1, amountMicro: 1n }],
    ["escrow", { kind: "held", amountMicro: 1n }],
    ["escrow let go", { kind: "released", amountMicro: 1n }],
  ] as const)("of a market without rules is a discrepancy: %s", async (_what, fact) => {
    const moved = { contract: "clearingHouse", market: UNKNOWN, ...fact } as AccountsFact;
    expect(await ruleOf(() => replay([...FACTS, moved]))).toBe("unknownMarket");
  });
});
