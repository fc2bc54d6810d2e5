import { encodeAbiParameters, encodeEventTopics } from "viem";
import { describe, expect, it } from "vitest";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { readingWord } from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree } from "#domains/metering/rules/readingTree.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { openPositions } from "#domains/pool/rules/positionWord.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { ContractRefusalError } from "#platform/chain/contractRefusal.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import type { Call, Sender } from "#platform/chain/sender.ts";
import { poolMarketContract } from "./contracts.generated.ts";
import { createMarketOperator, type DroppedOrder } from "./marketOperator.ts";
import type { MarketView } from "./marketView.ts";
import type { OpenOrder } from "./orderDesk.ts";
import { type ClearingSubmission, type Submission, submissionsOf } from "./submissions.ts";

/*
 * Four homes, two pages: 4 and 5 buy 100 Wh each, 770 and 771 sell as much, all at 0.2 currency a kWh. A step takes two
 * orders, so that a clearing has two steps.
 */

const TERMS: AreaTerms = {
  intervalSeconds: 900,
  gateClosureSeconds: 300,
  pricing: "uniform",
  floorMicroPerKwh: 100_000n,
  ceilingMicroPerKwh: 300_000n,
  upstreamPriceMicroPerKwh: 300_000n,
  penaltyPermille: 1_000n,
  surplusPriceMicroPerKwh: 50_000n,
  gridFeeMicroPerKwh: 10_000n,
};
const [AREA, INTERVAL] = [1, 1_000];
/** 100 Wh at 0.2 and a grid fee of 0.01; a seller's shortfall at 0.3 less its price. */
const RESERVES = { buyer: 21_000n, seller: 10_000n };

function order(participant: number, change: Partial<Order<number>> = {}): OpenOrder {
  const sequence = change.sequence ?? 0;
  return {
    participant,
    side: participant < 700 ? "bid" : "offer",
    energyWh: 100,
    limitPriceMicroPerKwh: 200_000,
    sequence,
    ...change,
    signature: new Uint8Array(64),
    areaId: AREA,
    intervalId: INTERVAL,
    orderId: toHex(wordOf(participant * 1_000 + sequence)),
    receivedAt: 0,
  };
}

const BOOK = [order(4), order(5), order(770), order(771)];

type Interval = Awaited<ReturnType<MarketView["intervalOf"]>>;
const COLLECTING: Interval = {
  stage: "collecting",
  attempt: 0,
  terms: 0,
  isSupplied: false,
  clearedWh: 0,
  localPrice: 0,
};

/** A chain that takes calls until `refuse` says no, and knows margins and one interval. */
function fakeChain({
  refuse = () => null,
  margins = {},
  interval = {},
  steps = 0,
  closedPages = [],
  abandonedPages = 0,
  logs = [],
}: {
  refuse?: (call: Call, taken: number) => Error | null;
  margins?: Record<number, bigint>;
  interval?: Partial<Interval>;
  steps?: number;
  closedPages?: number[];
  abandonedPages?: number;
  logs?: object[];
} = {}) {
  const sent: Call[] = [];
  const asked: { members: readonly number[]; coversFrom: number }[] = [];
  const send = async (call: Call) => {
    const refusal = refuse(call, sent.length);
    if (refusal) throw refusal;
    sent.push(call);
    return { gasUsed: 100n, logs };
  };
  const sendAll = async (calls: readonly Call[]) => {
    const receipts = [];
    for (const call of calls) receipts.push(await send(call));
    return receipts;
  };
  const market: MarketView = {
    schedule: async () => ({ version: 1, nextVersion: 0, nextFrom: 0 }),
    termsOf: async () => TERMS,
    intervalOf: async () => ({ ...COLLECTING, ...interval }),
    stepsOf: async () => steps,
    abandonedPagesOf: async () => abandonedPages,
    closedPagesOf: async () => new Set(closedPages),
    staleDirectories: async () => [0, 3],
    async countedMargins(members, coversFrom) {
      asked.push({ members, coversFrom });
      return new Map(members.map((member) => [member, margins[member] ?? 1_000_000n]));
    },
  };
  return { sent, asked, market, sender: { send, sendAll } as unknown as Sender };
}

function operate(
  chain: ReturnType<typeof fakeChain>,
  { book = BOOK, maxStepOrders = 2 }: { book?: readonly OpenOrder[]; maxStepOrders?: number } = {},
) {
  const kept: DroppedOrder[] = [];
  const operator = createMarketOperator({
    ...chain,
    deployment: DEPLOYMENT,
    areaId: AREA,
    terms: { of: () => TERMS },
    maxStepOrders,
    keepDropped: async (dropped) => void kept.push(...dropped),
    standingOrders: () => book,
  });
  return { operator, kept };
}

const submitted = (call: Call | undefined): Submission[] => submissionsOf(call!.data);

function clearingOf(call: Call | undefined): ClearingSubmission {
  return submitted(call).find(({ of }) => of === "clearing")!.brought as ClearingSubmission;
}

function traders(calls: readonly Call[]): number[] {
  return calls.flatMap((call) =>
    [...clearingOf(call).bids, ...clearingOf(call).offers].map((o) => o.participant),
  );
}

/** Members of the positions that calls brought, by page. */
function membersByPage(calls: readonly Call[], kind: "settlement" | "return"): number[][] {
  const packing = { pricing: "uniform", localPriceMicroPerKwh: 200_000 } as const;
  return calls.flatMap(submitted).flatMap((each) => {
    if (each.of === "clearing" || each.of !== kind) return [];
    return [openPositions(each.brought.positions, packing).map(({ member }) => member)];
  });
}

const refusal = (name: string, values: Record<string, string>) =>
  new ContractRefusalError("clear", name, values);
const seats = (...members: number[]) => String(members.map((member) => seatOf({ areaId: AREA, member })));

describe("margins before the first step", () => {
  it("are not asked for when a clearing is one transaction", async () => {
    const chain = fakeChain({ margins: { 4: 0n } });
    const cleared = await operate(chain, { maxStepOrders: 4 }).operator.clear(INTERVAL, BOOK);
    expect([cleared.transactions, cleared.dropped, chain.asked]).toEqual([1, [], []]);
  });

  it("are enough at the micro, as they count when delivery starts", async () => {
    const { buyer, seller } = RESERVES;
    const chain = fakeChain({ margins: { 4: buyer, 5: buyer, 770: seller, 771: seller } });
    const cleared = await operate(chain).operator.clear(INTERVAL, BOOK);
    expect(cleared).toMatchObject({ transactions: 2, dropped: [], gasUsed: 200n });
    expect(chain.asked).toEqual([{ members: [4, 5, 770, 771], coversFrom: INTERVAL * 900 }]);
    expect(chain.sent.map((call) => clearingOf(call).isLast)).toEqual([false, true]);
  });

  it.each([
    [5, RESERVES.buyer - 1n],
    [771, RESERVES.seller - 1n],
  ])("member %d that falls short by a micro is dropped, and the rest planned anew", async (short, margin) => {
    const chain = fakeChain({ margins: { [short]: margin } });
    const { operator, kept } = operate(chain);
    const cleared = await operator.clear(INTERVAL, BOOK);
    const dropped = BOOK.filter(({ participant }) => participant === short);
    expect(cleared.dropped).toEqual(dropped.map((each) => ({ order: each, refusal: "MarginsFallShort" })));
    expect(kept).toEqual(cleared.dropped);
    expect(cleared.plan.clearing.clearedQuantity).toBe(100);
    expect(traders(chain.sent)).not.toContain(short);
  });

  it("cover a member's positions of all steps together", async () => {
    const book = [
      order(4),
      order(4, { sequence: 1, limitPriceMicroPerKwh: 250_000 }),
      order(770),
      order(771),
    ];
    const chain = fakeChain({ margins: { 4: 2n * RESERVES.buyer - 1n } });
    const cleared = await operate(chain).operator.clear(INTERVAL, book);
    expect(cleared.dropped.map(({ order: { participant } }) => participant)).toEqual([4, 4]);
    expect(cleared.plan.clearing.clearedQuantity).toBe(0);
    const covered = await operate(fakeChain({ margins: { 4: 2n * RESERVES.buyer } })).operator.clear(
      INTERVAL,
      book,
    );
    expect(covered).toMatchObject({ dropped: [], transactions: 2 });
  });
});

describe("a clearing", () => {
  it.each([
    ["MarginsFallShort", { market: "0xa6", seats: seats(5, 771) }, [5, 771]],
    ["AmountTooLarge", { seat: seats(5), amountMicro: "1" }, [5]],
    ["NotTradable", { member: "5" }, [5]],
    ["InvalidSignature", { member: "770", side: "1", position: "0" }, [770]],
    ["OnBothSides", { member: "4" }, [4]],
    ["AboveCapacity", { member: "771", energyWh: "9", capacityW: "1" }, [771]],
    ["OutsidePriceBand", { member: "4", limitPrice: "1" }, [4]],
    ["TooManyOrders", { member: "5" }, [5]],
    ["PaymentTooLarge", { member: "5", amount: "1" }, [5]],
  ])("goes on without those whom %s names, all in one go", async (name, values, members) => {
    const chain = fakeChain({
      refuse: (call) =>
        members.some((member) => traders([call]).includes(member)) ? refusal(name, values) : null,
    });
    const { operator, kept } = operate(chain, { maxStepOrders: 4 });
    const cleared = await operator.clear(INTERVAL, BOOK);
    expect(cleared.dropped.map(({ order: { participant }, refusal: why }) => [participant, why])).toEqual(
      members.map((member) => [member, name]),
    );
    expect(kept).toEqual(cleared.dropped);
    expect(chain.sent).toHaveLength(1);
  });

  it.each([
    ["for nobody's sake", refusal("OutcomeChanged", {})],
    ["for the sake of a member without an order", refusal("NotTradable", { member: "99" })],
    ["by a node that is gone", new Error("no answer")],
  ])("that is refused %s fails as it was refused", async (_, error) => {
    const { operator, kept } = operate(fakeChain({ refuse: () => error }));
    await expect(operator.clear(INTERVAL, BOOK)).rejects.toBe(error);
    expect(kept).toEqual([]);
  });

  it("that is refused for a member's sake after a step is abandoned, given back and begun anew", async () => {
    const order_: string[] = [];
    const chain = fakeChain({
      refuse: (call, taken) => {
        order_.push(call.label);
        return taken === 1 && call.label === "clear" ? refusal("NotTradable", { member: "5" }) : null;
      },
    });
    const { operator, kept } = operate(chain);
    const cleared = await operator.clear(INTERVAL, BOOK);
    expect(order_).toEqual(["clear", "clear", "abandon and returnPage", "clear", "clear"]);
    expect(membersByPage(chain.sent.slice(1, 2), "return")).toEqual([[4], [770]]);
    expect(traders(chain.sent.slice(2))).not.toContain(5);
    expect(cleared).toMatchObject({ transactions: 4, gasUsed: 400n });
    expect(kept.map(({ order: { participant } }) => participant)).toEqual([5]);
  });

  it("that stops after a step for another reason is left as it is, to go on", async () => {
    const chain = fakeChain({ refuse: (_call, taken) => (taken === 1 ? new Error("no answer") : null) });
    const { operator, kept } = operate(chain);
    await expect(operator.clear(INTERVAL, BOOK)).rejects.toMatchObject({
      code: "clearingInterrupted",
      message: expect.stringMatching(/interval 1000 stopped after 1 of 2 steps: no answer/),
    });
    expect([kept, chain.sent.length]).toEqual([[], 1]);
  });

  it("says whether a supplier stands for it", async () => {
    const { abi } = poolMarketContract;
    const log = (eventName: "IntervalUnsupplied") => ({
      address: addressOf(DEPLOYMENT, "poolMarket"),
      topics: encodeEventTopics({ abi, eventName, args: { areaId: AREA, intervalId: INTERVAL } }),
      data: encodeAbiParameters([{ type: "uint8" }], [0]),
    });
    const cleared = {
      address: addressOf(DEPLOYMENT, "poolMarket"),
      topics: encodeEventTopics({
        abi,
        eventName: "IntervalCleared",
        args: { areaId: AREA, intervalId: INTERVAL },
      }),
      data: encodeAbiParameters(
        ["uint8", "uint16", "int32", "uint32", "bytes32"].map((type) => ({ type })),
        [0, 1, 200_000, 200, `0x${"0".repeat(64)}`],
      ),
    };
    const one = { maxStepOrders: 4 };
    const supplied = await operate(fakeChain({ logs: [cleared] }), one).operator.clear(INTERVAL, BOOK);
    expect(supplied.isSupplied).toBe(true);
    const logs = [log("IntervalUnsupplied"), cleared];
    const alone = await operate(fakeChain({ logs }), one).operator.clear(INTERVAL, BOOK);
    expect(alone.isSupplied).toBe(false);
  });
});

describe("a clearing that was interrupted", () => {
  const interval = { stage: "clearing" } as const;

  it("goes on with the step that is missing, and the outcome that it began with", async () => {
    const whole = fakeChain();
    const cleared = await operate(whole).operator.clear(INTERVAL, BOOK);
    const rest = fakeChain({ interval, steps: 1 });
    const resumed = await operate(rest, { book: BOOK.toReversed() }).operator.goOn(INTERVAL);
    expect(rest.sent).toEqual(whole.sent.slice(1));
    expect(resumed).toEqual({ ...cleared, gasUsed: 100n, transactions: 1 });
    expect(rest.asked).toEqual([]);
  });

  it("brings along what the step before it came to, members without a fill included", async () => {
    const book = [...BOOK, order(6, { limitPriceMicroPerKwh: 190_000 })];
    const chain = fakeChain();
    await operate(chain, { book, maxStepOrders: 3 }).operator.clear(INTERVAL, book);
    const [first, second] = chain.sent.map(clearingOf);
    expect(first!.before).toEqual([]);
    const packing = { pricing: "uniform", localPriceMicroPerKwh: 200_000 } as const;
    const before = second!.before.flatMap((words) => openPositions(words, packing));
    expect(new Set(before.map(({ member }) => member))).toEqual(
      new Set([...first!.bids, ...first!.offers].map(({ participant }) => participant)),
    );
  });

  it("is abandoned and begun anew when the step that is missing is refused for a member's sake", async () => {
    const chain = fakeChain({
      interval,
      steps: 1,
      refuse: (call, taken) =>
        taken === 0 && call.label === "clear"
          ? refusal("MarginsFallShort", { market: "0xa6", seats: seats(5) })
          : null,
    });
    const resumed = await operate(chain).operator.goOn(INTERVAL);
    expect(chain.sent.map(({ label }) => label)).toEqual(["abandon and returnPage", "clear", "clear"]);
    expect(resumed.dropped.map(({ order: { participant } }) => participant)).toEqual([5]);
  });

  it("does not go on when the archive has no step left", async () => {
    const chain = fakeChain({ interval, steps: 1 });
    await expect(operate(chain, { book: [] }).operator.goOn(INTERVAL)).rejects.toMatchObject({
      code: "clearingInterrupted",
    });
    expect(chain.sent).toEqual([]);
  });

  it("is abandoned and given back in one transaction", async () => {
    const chain = fakeChain({ interval, steps: 1 });
    expect(await operate(chain).operator.giveBack(INTERVAL)).toEqual({ gasUsed: 100n, transactions: 1 });
    expect(chain.sent.map(({ label }) => label)).toEqual(["abandon and returnPage"]);
    expect(membersByPage(chain.sent, "return")).toEqual([[4], [770]]);
  });

  it("is given back where somebody else abandoned it", async () => {
    const chain = fakeChain({ interval: { attempt: 1 }, steps: 1, abandonedPages: 1, closedPages: [0] });
    expect(await operate(chain).operator.giveBack(INTERVAL)).toMatchObject({ transactions: 1 });
    expect(membersByPage(chain.sent, "return")).toEqual([[770]]);
  });

  it.each(["collecting", "cleared", "untraded", "settling", "settled", "returned"] as const)(
    "is none in stage %s: nothing is given back",
    async (stage) => {
      const chain = fakeChain({ interval: { stage }, steps: 1 });
      expect(await operate(chain).operator.giveBack(INTERVAL)).toEqual({ gasUsed: 0n, transactions: 0 });
      expect(chain.sent).toEqual([]);
    },
  );
});

it("publishes the directories that are out of date", async () => {
  const chain = fakeChain();
  expect(await operate(chain).operator.renewDirectories()).toEqual({ gasUsed: 200n, transactions: 2 });
  expect(chain.sent.map(({ label }) => label)).toEqual(["publishDirectory", "publishDirectory"]);
});

describe("a settlement", () => {
  const context = new Uint8Array(32);
  const members = [4, 5, 770, 771];
  const readings = members.map((member) =>
    readingWord({
      ...{ meterId: `0x${"11".repeat(32)}`, member, areaId: AREA, intervalId: INTERVAL },
      ...{ importWh: 100, exportWh: 100, quality: "measured", version: 1 },
      signature: new Uint8Array(64),
    }),
  );
  const published = { tree: buildReadingTree(readings, context, new Set(members)), context };
  const { plan } = (() => {
    const { operator } = operate(fakeChain());
    return { plan: operator.planOf(INTERVAL, TERMS) };
  })();
  const clearing = (stage: Interval["stage"]) =>
    ({
      ...{ intervalId: INTERVAL, attempt: 0, stage, positions: plan.positions },
      pricing: "uniform" as const,
      published,
    }) as const;
  const next = {
    intervalId: INTERVAL + 1,
    book: BOOK.map((each) => ({ ...each, intervalId: INTERVAL + 1 })),
  };

  it("takes a call a page, all in one transaction", async () => {
    const chain = fakeChain();
    expect(await operate(chain).operator.settle(clearing("cleared"))).toMatchObject({ transactions: 1 });
    expect(membersByPage(chain.sent, "settlement")).toEqual([
      [4, 5],
      [770, 771],
    ]);
  });

  it("that was interrupted goes on with the pages that are open", async () => {
    const chain = fakeChain({ closedPages: [0] });
    await operate(chain).operator.settle(clearing("settling"));
    expect(membersByPage(chain.sent, "settlement")).toEqual([[770, 771]]);
    const done = fakeChain({ closedPages: [0, 3] });
    expect(await operate(done).operator.settle(clearing("settling"))).toMatchObject({ transactions: 0 });
  });

  it("is one transaction with the clearing of the next book", async () => {
    const chain = fakeChain();
    const { operator } = operate(chain, { maxStepOrders: 4 });
    const together = await operator.settleAndClear(clearing("cleared"), next);
    expect(together).toMatchObject({ transactions: 1, plan: { outcome: { intervalId: INTERVAL + 1 } } });
    expect(submitted(chain.sent[0]).map(({ of }) => of)).toEqual(["settlement", "settlement", "clearing"]);
  });

  it("goes alone when the book is refused, or needs several steps", async () => {
    const refusing = fakeChain({
      refuse: ({ label }) => (label.includes("clear") ? refusal("NotTradable", { member: "5" }) : null),
    });
    const { operator } = operate(refusing, { maxStepOrders: 4 });
    expect(await operator.settleAndClear(clearing("cleared"), next)).toMatchObject({ plan: null });
    const long = fakeChain();
    expect(await operate(long).operator.settleAndClear(clearing("cleared"), next)).toMatchObject({
      plan: null,
    });
    for (const chain of [refusing, long]) expect(membersByPage(chain.sent, "settlement")).toHaveLength(2);
  });

  it("that no readings came for is a return of all pages", async () => {
    const chain = fakeChain();
    expect(await operate(chain).operator.returnUnread(clearing("cleared"))).toMatchObject({
      transactions: 1,
    });
    expect(membersByPage(chain.sent, "return")).toEqual([
      [4, 5],
      [770, 771],
    ]);
  });
});
