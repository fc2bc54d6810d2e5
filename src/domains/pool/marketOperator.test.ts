import { describe, expect, it } from "vitest";
import { buildReadingTree } from "#domains/metering/rules/readingTree.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { openPositionWord, positionWord } from "#domains/pool/rules/positionWord.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { ContractRefusalError } from "#platform/chain/contractRefusal.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import type { Call, Sender } from "#platform/chain/sender.ts";
import { createMarketOperator, type DroppedOrder } from "./marketOperator.ts";
import type { MarketView } from "./marketView.ts";
import type { OpenOrder } from "./orderDesk.ts";
import {
  type ClearingSubmission,
  type PageSubmission,
  submissionsOf,
  type VoidSubmission,
} from "./submissions.ts";

/*
 * Four homes, two pages: 4 and 5 buy 100 Wh each, 770 and 771 sell as much, all at 0.2 currency a kWh. A step takes two
 * orders, so that a clearing has two steps.
 */

const TERMS: AreaTerms = {
  intervalSeconds: 900,
  gateClosureSeconds: 0,
  pricing: "uniform",
  floorMicroPerKwh: 100_000n,
  ceilingMicroPerKwh: 300_000n,
  upstreamPriceMicroPerKwh: 300_000n,
  penaltyPermille: 1_000n,
  surplusPriceMicroPerKwh: 50_000n,
  gridFeeMicroPerKwh: 10_000n,
};
const [AREA, INTERVAL, SUPPLIER] = [1, 1_000, 1];
/** 100 Wh at 0.2 and a grid fee of 0.01; a seller's shortfall at 0.3 less its price; all 200 Wh at 0.05. */
const RESERVES = { buyer: 21_000n, seller: 10_000n, supplier: 10_000n };

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

/** A chain that takes calls until `refuse` says no, and knows margins and one interval. */
function fakeChain({
  refuse = () => null,
  margins = {},
  interval = { stage: "collecting", steps: 0 },
  closedPages = [],
}: {
  refuse?: (call: Call, taken: number) => Error | null;
  margins?: Record<number, bigint>;
  interval?: Pick<Awaited<ReturnType<MarketView["intervalOf"]>>, "stage" | "steps">;
  closedPages?: number[];
} = {}) {
  const sent: Call[] = [];
  const asked: number[][] = [];
  const send = async (call: Call) => {
    const refusal = refuse(call, sent.length);
    if (refusal) throw refusal;
    sent.push(call);
    return { gasUsed: 100n };
  };
  const sendAll = async (calls: readonly Call[]) => {
    const receipts = [];
    for (const call of calls) receipts.push(await send(call));
    return receipts;
  };
  const market: MarketView = {
    intervalOf: async () => ({ clearedWh: 0, localPrice: 0, ...interval }),
    closedPagesOf: async () => new Set(closedPages),
    marginsOf: async (accounts) => {
      asked.push([...accounts]);
      return new Map(accounts.map((account) => [account, margins[account] ?? 1_000_000n]));
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
    terms: TERMS,
    supplier: SUPPLIER,
    maxStepOrders,
    keepDropped: async (dropped) => void kept.push(...dropped),
    standingOrders: () => book,
  });
  return { operator, kept };
}

function clearingOf(call: Call | undefined): ClearingSubmission {
  const [submission] = submissionsOf(call!.data);
  return submission!.brought as ClearingSubmission;
}

function traders(calls: readonly Call[]): number[] {
  return calls.flatMap((call) =>
    [...clearingOf(call).bids, ...clearingOf(call).offers].map((o) => o.participant),
  );
}

const refusal = (name: string, account: number) =>
  new ContractRefusalError("clearUniform", name, { account: String(account) });

describe("margins before the first step", () => {
  it("are not asked for when a clearing is one transaction", async () => {
    const chain = fakeChain({ margins: { 4: 0n } });
    const cleared = await operate(chain, { maxStepOrders: 4 }).operator.clear(INTERVAL, BOOK);
    expect([cleared.transactions, cleared.dropped, chain.asked]).toEqual([1, [], []]);
  });

  it("are enough at the micro", async () => {
    const { buyer, seller, supplier } = RESERVES;
    const chain = fakeChain({ margins: { 1: supplier, 4: buyer, 5: buyer, 770: seller, 771: seller } });
    const cleared = await operate(chain).operator.clear(INTERVAL, BOOK);
    expect(cleared).toMatchObject({ transactions: 2, dropped: [], gasUsed: 200n });
    expect(chain.asked.map((accounts) => accounts.sort((a, b) => a - b))).toEqual([[1, 4, 5, 770, 771]]);
    expect(chain.sent.map((call) => clearingOf(call).isLast)).toEqual([false, true]);
  });

  it.each([
    [5, RESERVES.buyer - 1n],
    [771, RESERVES.seller - 1n],
  ])(
    "account %d that falls short by a micro is dropped, and the rest planned anew",
    async (short, margin) => {
      const chain = fakeChain({ margins: { [short]: margin } });
      const { operator, kept } = operate(chain);
      const cleared = await operator.clear(INTERVAL, BOOK);
      const dropped = BOOK.filter(({ participant }) => participant === short);
      expect(cleared.dropped).toEqual(
        dropped.map((each) => ({ order: each, refusal: "InsufficientMargin" })),
      );
      expect(kept).toEqual(cleared.dropped);
      expect(cleared.plan.clearing.clearedQuantity).toBe(100);
      expect(traders(chain.sent)).not.toContain(short);
    },
  );

  it("cover an account's positions of all steps, each by itself", async () => {
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

  it("of the supplier can't be helped: nothing is sent", async () => {
    const chain = fakeChain({ margins: { 1: RESERVES.supplier - 1n } });
    await expect(operate(chain).operator.clear(INTERVAL, BOOK)).rejects.toMatchObject({
      code: "supplierMargin",
      message: expect.stringMatching(/10000 micro of account 1.* 9999 micro/),
    });
    expect(chain.sent).toEqual([]);
  });
});

describe("a clearing", () => {
  it("goes on without an account whose reserve no margin could hold", async () => {
    const chain = fakeChain({
      refuse: (call) => (traders([call]).includes(5) ? refusal("AmountTooLarge", 5) : null),
    });
    const cleared = await operate(chain, { maxStepOrders: 4 }).operator.clear(INTERVAL, BOOK);
    expect(cleared.dropped).toEqual([{ order: BOOK[1], refusal: "AmountTooLarge" }]);
  });

  it("drops nobody once a step is in", async () => {
    const chain = fakeChain({ refuse: (_call, taken) => (taken === 1 ? refusal("NotTradable", 5) : null) });
    const { operator, kept } = operate(chain);
    await expect(operator.clear(INTERVAL, BOOK)).rejects.toMatchObject({
      code: "clearingInterrupted",
      message: expect.stringMatching(/interval 1000 stopped after 1 of 2 steps: .*NotTradable/),
    });
    expect([kept, chain.sent.length]).toEqual([[], 1]);
  });
});

describe("a clearing that was interrupted", () => {
  it("goes on with the step that is missing, and the outcome that it began with", async () => {
    const whole = fakeChain();
    const cleared = await operate(whole).operator.clear(INTERVAL, BOOK);
    const rest = fakeChain({ interval: { stage: "clearing", steps: 1 } });
    const resumed = await operate(rest, { book: BOOK.toReversed() }).operator.goOn(INTERVAL);
    expect(rest.sent).toEqual(whole.sent.slice(1));
    expect(resumed).toEqual({ ...cleared, gasUsed: 100n, transactions: 1 });
    expect(rest.asked).toEqual([]);
  });

  it("does not go on when the archive has no step left", async () => {
    const chain = fakeChain({ interval: { stage: "clearing", steps: 1 } });
    await expect(operate(chain, { book: [] }).operator.goOn(INTERVAL)).rejects.toMatchObject({
      code: "clearingInterrupted",
    });
    expect(chain.sent).toEqual([]);
  });

  it("is given back, a call a page with the positions of the steps that are in", async () => {
    const { operator } = operate(fakeChain());
    const { plan } = await operator.clear(INTERVAL, BOOK);
    const chain = fakeChain({ interval: { stage: "clearing", steps: 1 } });
    expect(await operate(chain).operator.giveBack(INTERVAL)).toEqual({ gasUsed: 200n, transactions: 2 });
    const given = chain.sent.map(({ data }) => (submissionsOf(data)[0]!.brought as VoidSubmission).positions);
    expect(given.every(({ length }) => length === 1)).toBe(true);
    expect(given.flat(2)).toEqual(plan.steps[0]!.positions.map(positionWord));
    expect(given.map((steps) => steps.flat().map((word) => openPositionWord(word).account))).toEqual([
      [4],
      [770],
    ]);
  });

  it("is given back where it is not yet", async () => {
    const chain = fakeChain({ interval: { stage: "voiding", steps: 1 }, closedPages: [0] });
    expect(await operate(chain).operator.giveBack(INTERVAL)).toMatchObject({ transactions: 1 });
    const accounts = chain.sent.flatMap(({ data }) =>
      (submissionsOf(data)[0]!.brought as VoidSubmission).positions.flat(),
    );
    expect(accounts.map((word) => openPositionWord(word).account)).toEqual([770]);
  });

  it.each(["collecting", "cleared", "untraded", "settling", "settled", "voided"] as const)(
    "is none in stage %s: nothing is given back",
    async (stage) => {
      const chain = fakeChain({ interval: { stage, steps: 1 } });
      expect(await operate(chain).operator.giveBack(INTERVAL)).toEqual({ gasUsed: 0n, transactions: 0 });
      expect(chain.sent).toEqual([]);
    },
  );
});

describe("a settlement", () => {
  const word = (account: number) => (BigInt(account) << 224n) | (100n << 192n) | (100n << 160n);
  const context = new Uint8Array(32);
  const accounts = new Set([4, 5, 770, 771]);
  const tree = buildReadingTree([...accounts].map(word), context, accounts);
  const published = { tree, context, readings: [], gasUsed: 0n };

  async function settle(stage: "cleared" | "settling" | "settled", closedPages: number[] = []) {
    const { plan } = await operate(fakeChain()).operator.clear(INTERVAL, BOOK);
    const chain = fakeChain({ interval: { stage, steps: 2 }, closedPages });
    const positions = plan.steps.map((step) => step.positions);
    const spent = await operate(chain).operator.settle(INTERVAL, { positions, published });
    expect(spent.transactions).toBe(chain.sent.length);
    return chain.sent.map(({ data }) =>
      (submissionsOf(data)[0]!.brought as PageSubmission).positions
        .flat()
        .map((each) => openPositionWord(each).account),
    );
  }

  it("takes a call a page", async () => {
    expect(await settle("cleared")).toEqual([
      [4, 5],
      [770, 771],
    ]);
  });

  it("that was interrupted goes on with the pages that are open, and is done once all are paid", async () => {
    expect(await settle("settling", [0])).toEqual([[770, 771]]);
    expect(await settle("settled", [0, 1])).toEqual([]);
  });
});
