import { describe, expect, it } from "vitest";
import type { AccountsFact } from "#domains/accounts/events.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
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
/** Account 1 is member 4 of area 1 and member 5 of area 2. */
const SEAT = seatOf({ areaId: 1, member: 4 });
const OTHER_SEAT = seatOf({ areaId: 2, member: 5 });
const areas = {
  accountOfSeat: (seat: number) => ([SEAT, OTHER_SEAT].includes(seat) ? 1 : null),
  seats: () => [SEAT, OTHER_SEAT],
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

/** Account 1 brings 100 micro, of which 60 are margin of one of its seats in the first market and 30 in the second. */
const FACTS: readonly AccountsFact[] = [
  { contract: "registry", kind: "participantRegistered", account: 1, owner: OWNER, kycHash: HASH },
  { contract: "clearingHouse", kind: "deposited", account: 1, amountMicro: 100n },
  { contract: "token", kind: "tokenTransferred", from: OWNER, to: HOUSE, amountMicro: 100n },
  { contract: "clearingHouse", kind: "marginAdded", seat: SEAT, market: FIRST, amountMicro: 60n },
  { contract: "clearingHouse", kind: "marginAdded", seat: SEAT, market: SECOND, amountMicro: 30n },
];

const BALANCES = {
  freeMicro: new Map([[1, 10n]]),
  first: { marginMicro: new Map([[SEAT, 60n]]), escrowMicro: 0n },
  second: { marginMicro: new Map([[SEAT, 30n]]), escrowMicro: 0n },
  heldMicro: 100n,
  tokenBalanceMicro: 100n,
};

/** Replays facts of one transaction with the books of both markets open. */
function replay(facts: readonly AccountsFact[], { first, second, ...house } = BALANCES) {
  const counts: Counts = {};
  const registry = replayRegistry({ counts, deployment });
  const markets = new Map([
    [FIRST, first],
    [SECOND, second],
  ]);
  const balancesOf = async (): Promise<HouseBalances> => ({ ...house, markets });
  const money = replayMoney({ deployment, counts, registry, areas, balancesOf });
  const books = { first: money.moneyOf("firstMarket"), second: money.moneyOf("secondMarket") };
  const apply = (more: readonly AccountsFact[], timestamp = 0) => {
    for (const fact of more) {
      registry.apply({ ...fact, ...PLACE, timestamp });
      money.apply({ ...fact, ...PLACE, timestamp });
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
    expect(await ruleOf(() => first.reserve(PLACE, new Map([[SEAT, 60n]])))).toBeNull();
    expect(await ruleOf(() => second.reserve(PLACE, new Map([[SEAT, 31n]])))).toBe("marginOverdrawn");
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
    ["margin", { kind: "marginAdded", seat: SEAT, amountMicro: 1n }],
    ["margin taken out", { kind: "marginWithdrawn", seat: SEAT, amountMicro: 1n }],
    ["escrow", { kind: "held", amountMicro: 1n }],
    ["escrow let go", { kind: "released", amountMicro: 1n }],
  ] as const)("of a market without rules is a discrepancy: %s", async (_what, fact) => {
    const moved = { contract: "clearingHouse", market: UNKNOWN, ...fact } as AccountsFact;
    expect(await ruleOf(() => replay([...FACTS, moved]))).toBe("unknownMarket");
  });
});

describe("the margin of a seat", () => {
  const added = (seat: number, amountMicro: bigint): AccountsFact => ({
    contract: "clearingHouse",
    kind: "marginAdded",
    seat,
    market: FIRST,
    amountMicro,
  });

  it("is no other seat's of the same account, and leaves into the account's free balance", async () => {
    const { first, apply, finish } = replay([...FACTS, added(OTHER_SEAT, 10n)], {
      ...BALANCES,
      freeMicro: new Map([[1, 0n]]),
      first: {
        marginMicro: new Map([
          [SEAT, 60n],
          [OTHER_SEAT, 10n],
        ]),
        escrowMicro: 0n,
      },
    });
    expect(await ruleOf(finish)).toBeNull();
    expect(await ruleOf(() => first.reserve(PLACE, new Map([[OTHER_SEAT, 11n]])))).toBe("marginOverdrawn");
    expect(await ruleOf(() => apply([added(SEAT, 1n)]))).toBe("freeOverdrawn");
  });

  it("of a member that nobody is, is a discrepancy", async () => {
    const nobodys = seatOf({ areaId: 1, member: 9 });
    expect(await ruleOf(() => replay([...FACTS, added(nobodys, 1n)]))).toBe("unknownSeat");
  });

  it("is compared with the chain's, seat by seat", async () => {
    const swapped = { marginMicro: new Map([[OTHER_SEAT, 60n]]), escrowMicro: 0n };
    expect(await ruleOf(replay(FACTS, { ...BALANCES, first: swapped }).finish)).toBe("margin");
  });

  const PAYABLE_AT = 10_000;
  const announced: AccountsFact = {
    contract: "clearingHouse",
    kind: "marginWithdrawalAnnounced",
    seat: SEAT,
    market: FIRST,
    amountMicro: 50n,
    payableAt: PAYABLE_AT,
  };
  const withdrawn = (amountMicro: bigint): AccountsFact => ({
    contract: "clearingHouse",
    kind: "marginWithdrawn",
    seat: SEAT,
    market: FIRST,
    amountMicro,
  });

  it.each([
    ["when its notice is due", PAYABLE_AT, 50n, null],
    ["not before", PAYABLE_AT - 1, 50n, "marginNotice"],
    ["not when it has lapsed", PAYABLE_AT + 3_600, 50n, "marginNotice"],
    ["not more than was announced", PAYABLE_AT, 51n, "marginNotice"],
  ] as const)("leaves %s", async (_when, timestamp, amountMicro, rule) => {
    const { apply } = replay([...FACTS, announced]);
    expect(await ruleOf(() => apply([withdrawn(amountMicro)], timestamp))).toBe(rule);
  });

  it("leaves once by a notice, and a retired market without one", async () => {
    const { apply } = replay([...FACTS, announced]);
    apply([withdrawn(20n)], PAYABLE_AT);
    expect(await ruleOf(() => apply([withdrawn(20n)], PAYABLE_AT))).toBe("marginNotice");
    const retired = replay([...FACTS, { contract: "clearingHouse", kind: "marketRetired", market: FIRST }]);
    expect(await ruleOf(() => retired.apply([withdrawn(60n)]))).toBeNull();
  });

  it.each([
    ["in full for a delivery that starts before it may leave", PAYABLE_AT, 5_000, 60n],
    ["without what may leave before", PAYABLE_AT + 1, 5_000, 10n],
    ["in full once the notice has lapsed", PAYABLE_AT + 9_000, PAYABLE_AT + 3_600, 60n],
  ] as const)("counts %s", (_how, coversFrom, timestamp, countedMicro) => {
    const { first } = replay([...FACTS, announced]);
    expect(first.countedMargin(SEAT, { coversFrom, timestamp })).toBe(countedMicro);
  });
});
