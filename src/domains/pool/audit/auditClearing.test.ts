import { describe, expect, it } from "vitest";
import type { DomainEvent } from "#domains/domains.ts";
import { poolSeparator, type SignedOrder, signOrder } from "#domains/pool/rules/signedOrder.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { DEPLOYMENT, testAddress } from "#platform/chain/deployment.fixture.ts";
import {
  AREA_ID,
  accountOf,
  createHistory,
  homeOrder,
  INTERVAL_SECONDS,
  keyOf,
  ordinaryOrders,
  seatIn,
  TERMS,
} from "#platform/store/marketHistory.fixture.ts";
import { auditOf, changing, ruleOf } from "./auditable.fixture.ts";

const ID = 1_000;
const BEGINS_AT = ID * INTERVAL_SECONDS;
const CLOSES_AT = BEGINS_AT - TERMS.gateClosureSeconds;
const POOL = DEPLOYMENT.contracts.poolMarket;

type Changed = [string, (event: DomainEvent) => DomainEvent[], string];

const clearedWith = (orders: readonly SignedOrder[] = ordinaryOrders(ID)) => {
  const history = createHistory();
  history.clear(ID, orders);
  return history;
};
/** The order as the owner of another member's account signs it. */
const signedBy = (order: SignedOrder, member: number) =>
  signOrder(
    order,
    { separator: poolSeparator(DEPLOYMENT.chainId, POOL), areaId: AREA_ID, intervalId: ID },
    keyOf(member),
  );
/** Changes what the operator declared, and brought. */
const declaring = (change: object) =>
  changing("intervalCleared", ({ submission }) => ({
    submission: { ...submission!, outcome: { ...submission!.outcome, ...change } },
  }));
const bringing = (change: (orders: readonly SignedOrder[]) => readonly SignedOrder[]) =>
  changing("intervalCleared", ({ submission }) => ({
    submission: { ...submission!, bids: change(submission!.bids) },
  }));

describe("a clearing in one transaction", () => {
  const history = clearedWith();

  it("is clean", async () => {
    expect(await auditOf(history)).toMatchObject({
      verdict: "clean",
      checked: { "pool.clearings": 1, "pool.books": 1, "pool.orders": 5, "pool.openIntervals": 1 },
    });
  });

  it.each<Changed>([
    ["sent by another", changing("intervalCleared", () => ({ sender: testAddress(1) })), "operator"],
    ["before the gate closed", changing("intervalCleared", () => ({ timestamp: CLOSES_AT - 1 })), "gateOpen"],
    ["after delivery began", changing("intervalCleared", () => ({ timestamp: BEGINS_AT })), "deliveryBegun"],
    ["hidden in another call", changing("intervalCleared", () => ({ submission: null })), "hiddenSubmission"],
    ["of another interval", declaring({ intervalId: ID + 1 }), "submissionPlace"],
    [
      "by another version of the terms",
      changing("intervalCleared", () => ({ termsVersion: 2 })),
      "termsVersion",
    ],
    [
      "without terms",
      (event) => (event.kind === "termsAnnounced" || event.kind === "supplyAccepted" ? [] : [event]),
      "termsVersion",
    ],
    ["as another attempt", changing("intervalCleared", () => ({ attempt: 1 })), "attempt"],
    ["at another price", changing("intervalCleared", () => ({ localPriceMicroPerKwh: 1 })), "localPrice"],
    ["at another marginal price", declaring({ marginalBid: 1 }), "marginalPrice"],
    ["of another energy", changing("intervalCleared", () => ({ clearedWh: 1n })), "clearedEnergy"],
    [
      "with more in escrow",
      changing("held", ({ amountMicro }) => ({ amountMicro: amountMicro + 1n })),
      "reserve",
    ],
    ["with nothing in escrow", (event) => (event.kind === "held" ? [] : [event]), "reserve"],
    ["a second time", (event) => (event.kind === "intervalCleared" ? [event, event] : [event]), "stage"],
    ["of a member outside the declared ones", declaring({ firstMember: 5 }), "memberNotTradable"],
    ["with an order twice", bringing(([best, ...rest]) => [best!, best!, ...rest]), "meritOrder"],
    [
      "with an order that nobody signed",
      bringing(([best, ...rest]) => [{ ...best!, energyWh: 501 }, ...rest]),
      "orderSignature",
    ],
  ])("is refused %s", async (_how, change, rule) => {
    expect(await ruleOf(auditOf(history, { change }))).toBe(rule);
  });
});

describe("an order of a clearing", () => {
  const best = ordinaryOrders(ID)[0]!;

  it("is of a member on one side", async () => {
    const offer = homeOrder(ID, { ...best, side: "offer", limitPriceMicroPerKwh: 100_000 });
    expect(await ruleOf(auditOf(clearedWith([...ordinaryOrders(ID), offer])))).toBe("bothSides");
  });

  it("is within the band, and one of the sixteen at its price", async () => {
    const dear = homeOrder(ID, { ...best, limitPriceMicroPerKwh: 300_001 });
    expect(await ruleOf(auditOf(clearedWith([...ordinaryOrders(ID), dear])))).toBe("orderPrice");
    const seventeenth = homeOrder(ID, { ...best, sequence: 16 });
    expect(await ruleOf(auditOf(clearedWith([...ordinaryOrders(ID), seventeenth])))).toBe("orderSequence");
  });

  it("is for no more than its member's connection carries, over all orders", async () => {
    const change = changing("meterEnrolled", ({ member }) => (member === 4 ? { capacityW: 1_999 } : {}));
    expect(await auditOf(clearedWith(), { change })).toMatchObject({
      discrepancy: { rule: "capacity", member: 4, sentence: expect.stringContaining("500 Wh") },
    });
  });

  it.each<Changed>([
    [
      "is suspended",
      (event) =>
        event.kind === "held"
          ? [
              {
                ...event,
                contract: "registry",
                kind: "participantSuspended",
                account: accountOf(4),
              } as DomainEvent,
              event,
            ]
          : [event],
      "memberNotTradable",
    ],
    [
      "has no meter any more",
      (event) =>
        event.kind === "meterEnrolled" && event.member === 4
          ? [event, { ...event, kind: "meterRetired" } as DomainEvent]
          : [event],
      "memberNotTradable",
    ],
  ])("is refused when its member %s", async (_how, change, rule) => {
    expect(await auditOf(clearedWith(), { change })).toMatchObject({
      discrepancy: { rule, member: 4, side: "bid", position: 1 },
    });
  });
});

describe("a change of signer around the gate", () => {
  const agent = (announcedAt: number) => {
    const history = createHistory();
    const effectiveAt = announcedAt + 3_600;
    history.add(announcedAt, {
      kind: "signerAnnounced",
      account: accountOf(4),
      // The agent of member 4 has the key of member 6.
      signer: addressOfKey(keyOf(6)),
      effectiveAt,
    });
    return history;
  };
  const byAgent = ordinaryOrders(ID).map((order) => (order.participant === 4 ? signedBy(order, 6) : order));

  it("counts for a gate that closes when it takes effect, and not for one before", async () => {
    const inTime = agent(CLOSES_AT - 3_600);
    inTime.clear(ID, byAgent);
    expect(await ruleOf(auditOf(inTime))).toBeNull();
    const late = agent(CLOSES_AT - 3_599);
    late.clear(ID, byAgent);
    expect(await ruleOf(auditOf(late))).toBe("orderSignature");
    const former = agent(CLOSES_AT - 3_599);
    former.clear(ID, ordinaryOrders(ID));
    expect(await ruleOf(auditOf(former))).toBeNull();
  });
});

describe("a clearing in several steps", () => {
  const history = createHistory();
  history.clear(ID, ordinaryOrders(ID), { maxStepOrders: 2 });
  const ofStep = (at: number, change: (event: DomainEvent) => object) => {
    let step = -1;
    return (event: DomainEvent) => {
      if (event.kind === "stepVerified" || event.kind === "intervalCleared") step += 1;
      const isOne = step === at && "submission" in event;
      return [{ ...event, ...(isOne ? change(event) : {}) } as DomainEvent];
    };
  };

  it("is clean, each step with what it added to escrow", async () => {
    expect(history.events.filter(({ kind }) => kind === "stepVerified").length).toBeGreaterThan(1);
    expect(await ruleOf(auditOf(history))).toBeNull();
    let seen = 0;
    const moved = (event: DomainEvent) => {
      if (event.kind !== "held") return [event];
      seen += 1;
      const more = seen === 1 ? 1n : seen === 2 ? -1n : 0n;
      return [{ ...event, amountMicro: event.amountMicro + more }];
    };
    expect(await ruleOf(auditOf(history, { change: moved }))).toBe("reserve");
  });

  it.each<Changed>([
    [
      "that changes the outcome",
      ofStep(1, (event) => ({ submission: withOutcome(event, { marginalBid: 7 }) })),
      "outcomeChanged",
    ],
    [
      "that goes on from other positions",
      ofStep(1, (event) => ({ submission: { ...submissionOf(event), before: [[1n]] } })),
      "positions",
    ],
    ["of another attempt", ofStep(1, () => ({ attempt: 1 })), "attempt"],
    [
      "called the last one",
      ofStep(1, (event) => ({ submission: { ...submissionOf(event), isLast: true } })),
      "submissionPlace",
    ],
  ])("is refused with a step %s", async (_how, change, rule) => {
    expect(await ruleOf(auditOf(history, { change }))).toBe(rule);
  });
});

describe("a clearing that is given up", () => {
  const started = () => {
    const history = createHistory();
    return { history, plan: history.clear(ID, ordinaryOrders(ID), { maxStepOrders: 2, onlySteps: 1 }) };
  };
  const { history, plan } = started();
  history.abandon(plan);
  history.clear(ID, ordinaryOrders(ID));

  it("is followed by the next attempt, and every margin is what that one reserved", async () => {
    // 900 Wh at 175,000 micro/kWh: buyers reserve price and fee, sellers a shortfall less the price, the supplier all surplus.
    const reserves = { 1: 72_000n, 4: 97_500n, 5: 78_000n, 6: 93_000n, 7: 46_500n };
    const margins = Object.entries(reserves).map(
      ([member, micro]) => [seatIn(Number(member)), 1_000_000_000n - micro] as const,
    );
    const balancesOf = async () => ({
      freeMicro: new Map(Object.keys(reserves).map((member) => [accountOf(Number(member)), 5n])),
      markets: new Map([[POOL, { marginMicro: new Map(margins), escrowMicro: 387_000n }]]),
      heldMicro: 5_000_000_025n,
      tokenBalanceMicro: 5_000_000_025n,
    });
    expect(await auditOf(history, { balancesOf })).toMatchObject({
      verdict: "clean",
      checked: { "pool.abandoned": 1, "pool.returned": 1, "pool.clearings": 1 },
    });
  });

  it.each<Changed>([
    [
      "by another before delivery began",
      changing("clearingAbandoned", () => ({ sender: testAddress(1) })),
      "operator",
    ],
    ["as another attempt", changing("clearingAbandoned", () => ({ attempt: 1 })), "stage"],
    [
      "with other positions given back",
      changing("pageReturned", () => ({ submission: { positions: [1n] } })),
      "positions",
    ],
    [
      "with a page given back twice",
      (event) => (event.kind === "pageReturned" ? [event, event] : [event]),
      "pageTwice",
    ],
    [
      "with more than it took",
      changing("released", ({ amountMicro }) => ({ amountMicro: amountMicro + 1n })),
      "released",
    ],
    ["and cleared as the same attempt", changing("intervalCleared", () => ({ attempt: 0 })), "attempt"],
  ])("is refused %s", async (_how, change, rule) => {
    expect(await ruleOf(auditOf(history, { change }))).toBe(rule);
  });

  it("is given up by anybody once delivery began", async () => {
    const { history: late, plan: unfinished } = started();
    late.abandon(unfinished);
    const change = changing("clearingAbandoned", () => ({ sender: testAddress(1), timestamp: BEGINS_AT }));
    expect(await ruleOf(auditOf(late, { change }))).toBeNull();
  });

  it("counts as open while it is under way, with its margins as they are", async () => {
    expect(await auditOf(started().history)).toMatchObject({
      verdict: "clean",
      checked: { "pool.openIntervals": 1, "pool.clearings": 0 },
      notes: [],
    });
  });
});

describe("an interval without a supplier", () => {
  const history = createHistory();
  history.clear(ID, ordinaryOrders(ID), { isSupplied: false });
  const supplied = clearedWith();
  const without = (kind: string) => (event: DomainEvent) => (event.kind === kind ? [] : [event]);

  it("is one whose supplier did not accept", async () => {
    expect(await ruleOf(auditOf(history, { change: without("supplyAccepted") }))).toBeNull();
    expect(await ruleOf(auditOf(history))).toBe("supplyNotAccepted");
    expect(await ruleOf(auditOf(supplied, { change: without("supplyAccepted") }))).toBe("supplyNotAccepted");
  });

  it("is one whose supplier has too little margin, or announced to take it away", async () => {
    const poor = changing("marginAdded", ({ seat }) => (seat === seatIn(1) ? { amountMicro: 71_999n } : {}));
    expect(await ruleOf(auditOf(history, { change: poor }))).toBeNull();
    expect(await ruleOf(auditOf(supplied, { change: poor }))).toBe("marginOverdrawn");
    const leaving = createHistory();
    leaving.add(CLOSES_AT - 7_000, {
      kind: "marginWithdrawalAnnounced",
      seat: seatIn(1),
      market: POOL,
      amountMicro: 1_000_000_000n,
      payableAt: CLOSES_AT + 200,
    });
    leaving.clear(ID, ordinaryOrders(ID), { isSupplied: false });
    expect(await ruleOf(auditOf(leaving))).toBeNull();
  });

  it("is not lost by a clearing that is under way", async () => {
    const steps = createHistory();
    steps.clear(ID, ordinaryOrders(ID), { maxStepOrders: 2 });
    const change = (event: DomainEvent) =>
      event.kind === "intervalCleared"
        ? [{ ...event, kind: "intervalUnsupplied" } as DomainEvent, event]
        : [event];
    expect(await ruleOf(auditOf(steps, { change }))).toBe("supplyNotAccepted");
  });
});

describe("an account with two members", () => {
  it("trades as each of them, with the margin of each", async () => {
    const history = createHistory({ ownerOf: (member) => (member === 5 ? 4 : member) });
    const orders = ordinaryOrders(ID).map((order) => (order.participant === 5 ? signedBy(order, 4) : order));
    history.clear(ID, orders);
    expect(await ruleOf(auditOf(history))).toBeNull();
  });
});

function submissionOf(event: DomainEvent) {
  if (event.kind !== "stepVerified" && event.kind !== "intervalCleared") throw new Error("no step");
  return event.submission!;
}

function withOutcome(event: DomainEvent, change: object) {
  const submission = submissionOf(event);
  return { ...submission, outcome: { ...submission.outcome, ...change } };
}
