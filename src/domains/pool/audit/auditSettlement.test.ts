import { describe, expect, it } from "vitest";
import type { HouseBalances } from "#domains/accounts/audit/compareBooks.ts";
import type { DomainEvent } from "#domains/domains.ts";
import { DEPLOYMENT, testAddress } from "#platform/chain/deployment.fixture.ts";
import {
  accountOf,
  createHistory,
  homeOrder,
  INTERVAL_SECONDS,
  seatIn,
  WAITING_SECONDS,
} from "#platform/store/marketHistory.fixture.ts";
import { auditOf, changing, ruleOf } from "./auditable.fixture.ts";

/*
 * Members on two pages: member 4 buys what member 771 sells, 1,000 Wh at 150,000 micro/kWh. Member 4 takes 600 Wh, member 771
 * delivers 990 Wh. By hand, with 1.1 · 300,000 micro/kWh for a shortfall, 80,000 for a surplus and a grid fee of 20,000: the
 * buyer pays 150,000 + 12,000 − 32,000, the seller gets 150,000 − 3,300, the supplier pays 32,000 and gets 3,300.
 */
const [BUYER, SELLER, SUPPLIER, DSO] = [4, 771, 1, 2];
const [ID, SELLERS_PAGE] = [1_000, 3];
const OVER_AT = (ID + 1) * INTERVAL_SECONDS;
const WAITED = OVER_AT + WAITING_SECONDS;
const FORTNIGHT = 14 * 86_400;
const POOL = DEPLOYMENT.contracts.poolMarket;

function cleared() {
  const history = createHistory({ homes: [BUYER, SELLER] });
  const order = (participant: number, side: "bid" | "offer", limitPriceMicroPerKwh: number) =>
    homeOrder(ID, { participant, side, limitPriceMicroPerKwh, energyWh: 1_000, sequence: 0 });
  const plan = history.clear(ID, [order(BUYER, "bid", 200_000), order(SELLER, "offer", 100_000)]);
  return { history, plan };
}

/** Settled on both pages, from the readings that came. */
function settled(metered: Record<number, readonly [number, number]>) {
  const { history, plan } = cleared();
  history.publish(ID, metered);
  history.settle(plan);
  history.settle(plan, { page: SELLERS_PAGE });
  return history;
}

const WHOLE = settled({ [BUYER]: [600, 0], [SELLER]: [0, 990] });

const MARGINS = new Map([
  [seatIn(SUPPLIER), 1_000_000_000n - 28_700n],
  [seatIn(DSO), 12_000n],
  [seatIn(BUYER), 1_000_000_000n - 130_000n],
  [seatIn(SELLER), 1_000_000_000n + 146_700n],
]);
const BALANCES = {
  freeMicro: new Map([SUPPLIER, BUYER, SELLER].map((member) => [accountOf(member), 5n])),
  marginMicro: MARGINS,
  escrowMicro: 0n,
  heldMicro: 3_000_000_015n,
  tokenBalanceMicro: 3_000_000_015n,
};
const houseOf = ({ marginMicro, escrowMicro, ...house }: typeof BALANCES): HouseBalances => ({
  ...house,
  markets: new Map([[POOL, { marginMicro, escrowMicro }]]),
});

describe("an interval on two pages", () => {
  it("is settled from its readings to the micro", async () => {
    expect(await auditOf(WHOLE, { balancesOf: async () => houseOf(BALANCES) })).toMatchObject({
      verdict: "clean",
      checked: { "pool.settlements": 1, "pool.payments": 2, "metering.opened": 2, "pool.trades": 1 },
      notes: [],
    });
  });

  it.each([
    ["a margin", { marginMicro: new Map([...MARGINS, [seatIn(BUYER), 1n]]) }, "margin"],
    ["a free balance", { freeMicro: new Map([[accountOf(SELLER), 1n]]) }, "freeBalance"],
    ["the escrow", { escrowMicro: 1n }, "escrow"],
    ["what is held", { heldMicro: 2_999_999_999n }, "heldBalance"],
    ["the tokens", { tokenBalanceMicro: 2_999_999_999n }, "tokenBalance"],
  ])("compares %s with the chain's", async (_what, changes, rule) => {
    const balancesOf = async () => houseOf({ ...BALANCES, ...changes });
    expect(await ruleOf(auditOf(WHOLE, { balancesOf }))).toBe(rule);
  });

  it("counts as open until its last page", async () => {
    const { history, plan } = cleared();
    history.publish(ID, { [BUYER]: [600, 0], [SELLER]: [0, 990] });
    history.settle(plan);
    expect(await auditOf(history)).toMatchObject({
      verdict: "clean",
      checked: { "pool.settlements": 0, "pool.openIntervals": 1 },
    });
  });

  it.each<[string, (event: DomainEvent) => DomainEvent[], string]>([
    [
      "before delivery is over",
      changing("pageSettled", () => ({ timestamp: OVER_AT - 1 })),
      "deliveryNotOver",
    ],
    ["at another grid fee", changing("pageSettled", () => ({ gridFeeMicro: 11_999n })), "gridFee"],
    [
      "for another payment",
      changing("released", ({ amountMicro }) => ({ amountMicro: amountMicro + 1n })),
      "released",
    ],
    [
      "with another part for the supplier",
      changing("intervalSettled", () => ({ supplierMicro: 51_301n })),
      "supplierPayment",
    ],
    ["with another remainder", changing("intervalSettled", () => ({ remainderMicro: 1n })), "remainder"],
    [
      "twice",
      (event) => (event.kind === "pageSettled" && event.page === 0 ? [event, event] : [event]),
      "pageTwice",
    ],
    ["without calling the market", changing("pageSettled", () => ({ submission: null })), "hiddenSubmission"],
    [
      "from other positions",
      changing("pageSettled", ({ submission }) => ({ submission: { ...submission!, positions: [1n] } })),
      "positions",
    ],
    ["without claiming its readings", (event) => (event.kind === "pageClaimed" ? [] : [event]), "claim"],
    [
      "with a reading said to be missing",
      changing("pageSettled", () => ({ missing: 1n << 4n })),
      "readingMissing",
    ],
  ])("is not settled %s", async (_how, change, rule) => {
    expect(await ruleOf(auditOf(WHOLE, { change }))).toBe(rule);
  });
});

describe("a reading that never comes", () => {
  const history = settled({ [BUYER]: [600, 0] });

  it("counts as zero once it was waited for", async () => {
    expect(await auditOf(history)).toMatchObject({
      verdict: "clean",
      checked: { "pool.settlements": 1, "metering.opened": 1 },
    });
  });

  it("is waited for until then", async () => {
    const early = (event: DomainEvent) =>
      event.timestamp < WAITED ? [event] : [{ ...event, timestamp: WAITED - 1 }];
    expect(await ruleOf(auditOf(history, { change: early }))).toBe("readingMissing");
  });

  it("is not counted as there", async () => {
    expect(await ruleOf(auditOf(history, { change: changing("pageSettled", () => ({ missing: 0n })) }))).toBe(
      "readingMissing",
    );
  });
});

describe("a page of which nobody can open the readings", () => {
  const withheld = { lists: [0n, 0n], opened: [0n, 0n], leaves: "0x", pages: [] } as const;
  /** The seller's page without its readings, at this time; its 330,000 micro of shortfall go to the supplier. */
  const settledAt = (timestamp: number) => (event: DomainEvent) => {
    const isLast = event.kind === "pageSettled" && event.page === SELLERS_PAGE;
    const isOfLast = isLast || event.kind === "intervalSettled" || event.timestamp > OVER_AT;
    const at = isOfLast ? { timestamp } : {};
    const shown = isLast ? { submission: { ...event.submission!, readings: withheld } } : {};
    return [{ ...event, ...at, ...shown } as DomainEvent];
  };
  const history = settled({ [BUYER]: [600, 0] });

  it("is settled as missing 14 days after the waiting time, beside one that was paid", async () => {
    expect(await auditOf(history, { change: settledAt(WAITED + FORTNIGHT) })).toMatchObject({
      verdict: "clean",
    });
    expect(await ruleOf(auditOf(history, { change: settledAt(WAITED + FORTNIGHT - 1) }))).toBe(
      "readingWithheld",
    );
  });
});

describe("energy that others claimed before", () => {
  const bit = 1n << BigInt(SELLER % 256);
  const claimed = (fact: object) => (event: DomainEvent) => {
    if (event.kind !== "pageClaimed" || event.page !== SELLERS_PAGE) return [event];
    const before = { ...event, transactionHash: "0xe15e", claimant: testAddress(0x77) };
    const admitted = { ...before, kind: "claimantAdmitted", claimPurpose: 1 };
    return [admitted, { ...before, ...fact }, event] as DomainEvent[];
  };
  const single = { kind: "readingClaimed", member: SELLER, claimPurpose: 1, energyWh: 990n };

  it("counts there and not here: what was paid as if it were here is a discrepancy", async () => {
    expect(await ruleOf(auditOf(WHOLE, { change: claimed({ members: bit }) }))).toBe("supplierPayment");
    expect(await ruleOf(auditOf(WHOLE, { change: claimed(single) }))).toBe("supplierPayment");
    expect(await ruleOf(auditOf(WHOLE, { change: claimed({ members: bit << 1n }) }))).toBeNull();
  });

  it("counts as nothing delivered", async () => {
    const history = settled({ [BUYER]: [600, 0], [SELLER]: [0, 0] });
    expect(await ruleOf(auditOf(history, { change: claimed({ members: bit }) }))).toBeNull();
    expect(await ruleOf(auditOf(history, { change: claimed({ ...single, energyWh: 1n }) }))).toBeNull();
  });
});

describe("an interval for which no readings come", () => {
  const { history, plan } = cleared();
  history.returnPage(plan);
  history.returnPage(plan, SELLERS_PAGE);

  it("is given back once they are not waited for any longer", async () => {
    const balancesOf = async () =>
      houseOf({
        ...BALANCES,
        marginMicro: new Map([SUPPLIER, BUYER, SELLER].map((m) => [seatIn(m), 1_000_000_000n])),
      });
    expect(await auditOf(history, { balancesOf })).toMatchObject({
      verdict: "clean",
      checked: { "pool.returned": 1, "pool.settlements": 0, "pool.openIntervals": 0 },
    });
  });

  it.each<[string, (event: DomainEvent) => DomainEvent[], string]>([
    ["too early", changing("pageReturned", () => ({ timestamp: WAITED - 1 })), "tooEarlyToReturn"],
    ["of another attempt", changing("pageReturned", () => ({ attempt: 1 })), "attempt"],
    [
      "with more than was reserved",
      changing("released", ({ amountMicro }) => ({ amountMicro: amountMicro + 1n })),
      "released",
    ],
    [
      "of other positions",
      changing("pageReturned", () => ({ submission: { positions: [1n] } })),
      "positions",
    ],
  ])("is not given back %s", async (_how, change, rule) => {
    expect(await ruleOf(auditOf(history, { change }))).toBe(rule);
  });

  it("is not given back where readings are published, unless nobody opens them for 14 days", async () => {
    const { history: published, plan: held } = cleared();
    published.publish(ID, { [BUYER]: [600, 0], [SELLER]: [0, 990] });
    published.returnPage(held);
    expect(await ruleOf(auditOf(published))).toBe("readingsPresent");
    const later = changing("pageReturned", () => ({ timestamp: WAITED + FORTNIGHT }));
    expect(await ruleOf(auditOf(published, { change: later }))).toBeNull();
  });

  it("is not settled on one page and given back on another", async () => {
    const { history: mixed, plan: held } = cleared();
    mixed.publish(ID, { [BUYER]: [600, 0], [SELLER]: [0, 990] });
    mixed.returnPage(held);
    mixed.settle(held, { page: SELLERS_PAGE, at: WAITED + FORTNIGHT });
    const later = changing("pageReturned", () => ({ timestamp: WAITED + FORTNIGHT }));
    expect(await ruleOf(auditOf(mixed, { change: later }))).toBe("stage");
  });
});

describe("a market that no domain replays", () => {
  const market = testAddress(0xee);

  it("is a discrepancy as soon as it moves money", async () => {
    const moved = changing("marginAdded", () => ({ market }));
    expect(await auditOf(WHOLE, { change: moved })).toMatchObject({
      discrepancy: { rule: "unknownMarket", sentence: expect.stringContaining(market) },
    });
  });

  it("is none when it is admitted and moves nothing", async () => {
    const admitted = createHistory();
    admitted.add(2_000, { kind: "marketAdmitted", market });
    expect(await ruleOf(auditOf(admitted))).toBeNull();
  });
});

describe("a margin that overflows", () => {
  const LARGEST = 2n ** 41n - 1n;
  /** The seller fills its margin before the settlement, whose money then finds no room. */
  const filled = (overflowMicro: bigint) => {
    const { history, plan } = cleared();
    const amountMicro = LARGEST - 1_000_000_000n + 180_000n;
    const account = accountOf(SELLER);
    history.add(2_000, { kind: "deposited", account, amountMicro });
    history.add(2_000, { kind: "marginAdded", seat: seatIn(SELLER), market: POOL, amountMicro });
    history.publish(ID, { [BUYER]: [600, 0], [SELLER]: [0, 990] });
    history.settle(plan);
    history.settle(plan, { page: SELLERS_PAGE });
    const overflow = {
      kind: "marginOverflowed",
      seat: seatIn(SELLER),
      market: POOL,
      amountMicro: overflowMicro,
    };
    let settledPages = 0;
    return ruleOf(
      auditOf(history, {
        change: (event) => {
          if (event.kind === "pageClaimed") settledPages += 1;
          const isPaid = event.kind === "released" && settledPages === 2;
          return isPaid ? [{ ...event, ...overflow } as DomainEvent, event] : [event];
        },
      }),
    );
  };

  it("is full, and the rest is free", async () => {
    expect(await filled(326_700n)).toBeNull();
  });

  it("is named when more overflowed than found no room", async () => {
    expect(await filled(326_701n)).toBe("marginOverflow");
  });
});
