import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { meterLedgerContract } from "#domains/metering/contracts.generated.ts";
import { pageOf, pathOf, readingLeaf } from "#domains/metering/rules/readingTree.ts";
import { poolMarketContract } from "#domains/pool/contracts.generated.ts";
import {
  createMarketOperator,
  type DroppedOrder,
  type MarketOperator,
} from "#domains/pool/marketOperator.ts";
import { createMarketView } from "#domains/pool/marketView.ts";
import {
  clearingCalls,
  readInterval,
  readIntervalLengths,
  settlementCalls,
} from "#domains/pool/poolMarket.ts";
import { type AreaTerms, settlementPrices } from "#domains/pool/rules/area.ts";
import { bookRootOf, sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import { type ClearingPlan, planClearing, type Submission } from "#domains/pool/rules/clearingPlan.ts";
import { mergePositions } from "#domains/pool/rules/mergePositions.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { type AccountPosition, positionWord } from "#domains/pool/rules/positionWord.ts";
import { settlePosition } from "#domains/pool/rules/settlement.ts";
import { orderDigest, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import type { Side } from "#kernel/auction/order.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { ContractRefusalError } from "#platform/chain/contractRefusal.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { contractCall } from "#platform/chain/sender.ts";
import {
  contextOf,
  DSO,
  FUND,
  type MarketOnChain,
  openArea,
  openMarketOnChain,
  publishReadings,
  readMargins,
  SUPPLIER,
  signAll,
} from "./marketOnChain.fixture.ts";

/*
 * The same market twice: what TypeScript plans and settles, and what the contracts verify and pay, to the micro. Random
 * books on a real chain, over two pages of accounts, in one transaction or in several.
 */

const UNIFORM: AreaTerms = {
  intervalSeconds: 900,
  gateClosureSeconds: 0,
  pricing: "uniform",
  floorMicroPerKwh: 80_000n,
  ceilingMicroPerKwh: 320_001n,
  upstreamPriceMicroPerKwh: 320_001n,
  penaltyPermille: 1_333n,
  surplusPriceMicroPerKwh: 79_999n,
  gridFeeMicroPerKwh: 20_003n,
};
/** Everything below zero that may be: prices, and energy that has to be disposed of at a cost. */
const MIDPOINT: AreaTerms = {
  ...UNIFORM,
  intervalSeconds: 300,
  gateClosureSeconds: 600,
  pricing: "midpoint",
  floorMicroPerKwh: -250_001n,
  ceilingMicroPerKwh: 99_999n,
  upstreamPriceMicroPerKwh: 100_003n,
  surplusPriceMicroPerKwh: -300_001n,
};
const AREAS = [
  { terms: UNIFORM, traders: [4, 5, 6, 255, 256, 767, 768, 770] },
  { terms: MIDPOINT, traders: [9, 10, 11, 257, 766, 769, 771, 773] },
];
const MARGIN_MICRO = 10n ** 12n;
const RUNS = 30;

let market: MarketOnChain;
let areaIds: number[];
const nextInterval = new Map<number, number>();

beforeAll(async () => {
  market = await openMarketOnChain();
  areaIds = [];
  for (const area of AREAS) areaIds.push(await openArea(market, { ...area, marginMicro: MARGIN_MICRO }));
});
afterAll(async () => {
  await market?.close();
});

/** Time on the chain only goes forward: each story has an interval of its own, after all before it. */
async function freshInterval(index: number): Promise<{ areaId: number; intervalId: number; endsAt: number }> {
  const { terms } = AREAS[index]!;
  const { timestamp } = await market.network.client.getBlock();
  const soonest = Math.floor(Number(timestamp) / terms.intervalSeconds) + 1;
  const intervalId = Math.max(soonest, nextInterval.get(index) ?? 0);
  nextInterval.set(index, intervalId + 1);
  const gateClosesAt = intervalId * terms.intervalSeconds - terms.gateClosureSeconds;
  await market.chain.setNextBlockTime(Math.max(gateClosesAt, Number(timestamp)));
  return { areaId: areaIds[index]!, intervalId, endsAt: (intervalId + 1) * terms.intervalSeconds };
}

function booksOf({ terms, traders }: (typeof AREAS)[number]) {
  const [floor, ceiling] = [Number(terms.floorMicroPerKwh), Number(terms.ceilingMicroPerKwh)];
  const fewPrices = fc.constantFrom(floor, floor + 70_001, floor + 70_002, ceiling - 70_000, ceiling);
  const price = fc.oneof({ weight: 3, arbitrary: fewPrices }, fc.integer({ min: floor, max: ceiling }));
  const energyWh = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3_000_000 }));
  return fc.uniqueArray(
    fc.record({
      participant: fc.constantFrom(...traders),
      side: fc.constantFrom("bid" as const, "offer" as const),
      energyWh,
      limitPriceMicroPerKwh: price,
      sequence: fc.nat(3),
    }),
    { maxLength: 30, selector: (order: Order<number>) => JSON.stringify({ ...order, energyWh: 0 }) },
  );
}

/** For each trader how much of what it traded its meter shows, in hundredths; more than 100 is more than it sold. */
const meterings = fc.array(fc.constantFrom(0, 33, 100, 250), { minLength: 8, maxLength: 8 });
const submissions = fc.constantFrom<Submission>("needed", "all");
const stepSizes = fc.constantFrom(1, 3, 5, 8, 512);

type Place = { areaId: number; intervalId: number };

function planOrders(
  place: Place,
  orders: readonly SignedOrder[],
  options: Partial<Pick<Parameters<typeof planClearing>[0], "pricing" | "submit" | "maxStepOrders">> = {},
): ClearingPlan {
  return planClearing({ orders, pricing: "uniform", ...contextOf(market, place), ...options });
}

async function submitPlan(plan: ClearingPlan) {
  for (const call of clearingCalls(market.deployment, plan)) await market.admin.send(call);
}

function metered(
  traders: readonly number[],
  positions: ReadonlyMap<number, AccountPosition>,
  shares: readonly number[],
) {
  return new Map(
    traders.map((account, i) => {
      const position = positions.get(account);
      const net = Number((position?.soldWh ?? 0n) - (position?.boughtWh ?? 0n));
      const share = Math.floor((Math.abs(net) * shares[i]!) / 100);
      const energy = net > 0 ? { importWh: 0, exportWh: share } : { importWh: share, exportWh: 0 };
      return [account, energy] as const;
    }),
  );
}

/** What each account's margin must change by, from the equations in TypeScript. */
function expectedChanges(
  terms: AreaTerms,
  plan: ClearingPlan,
  positions: ReadonlyMap<number, AccountPosition>,
  readings: ReturnType<typeof metered>,
): Map<number, bigint> {
  const prices = settlementPrices(terms, BigInt(plan.localPriceMicroPerKwh));
  const changes = new Map<number, bigint>();
  const add = (account: number, micro: bigint) => changes.set(account, (changes.get(account) ?? 0n) + micro);
  for (const [account, position] of positions) {
    const { importWh, exportWh } = readings.get(account)!;
    const reading = { importWh: BigInt(importWh), exportWh: BigInt(exportWh) };
    const settled = settlePosition(position, reading, prices);
    add(account, -settled.netMicro);
    add(DSO, settled.gridFeeMicro);
    add(SUPPLIER, settled.shortfallMicro - settled.surplusMicro);
    add(FUND, settled.paymentMicro);
  }
  return changes;
}

describe.each(AREAS.map((area, index) => ({ ...area, index, pricing: area.terms.pricing })))(
  "$pricing pricing",
  ({ index, terms, traders }) => {
    const everybody = [SUPPLIER, DSO, FUND, ...traders];

    it("every step is accepted, and all margins end where the equations say, to the micro", async () => {
      let tradedOnce = false;
      await fc.assert(
        fc.asyncProperty(
          booksOf(AREAS[index]!),
          fc.record({ maxStepOrders: stepSizes, submit: submissions }),
          meterings,
          async (orders, { maxStepOrders, submit }, shares) => {
            const { endsAt, ...place } = await freshInterval(index);
            const plan = planOrders(place, signAll(market, place, orders), {
              pricing: terms.pricing,
              submit,
              maxStepOrders,
            });
            const before = await readMargins(market, everybody);
            await submitPlan(plan);
            const cleared = await readInterval(market.network, market.deployment, place);
            expect(BigInt(cleared.clearedWh)).toBe(BigInt(plan.clearing.clearedQuantity));
            expect(cleared.localPrice).toBe(plan.localPriceMicroPerKwh);
            expect(cleared.steps).toBe(plan.steps.length);

            const positions = mergePositions(plan.steps.map((step) => step.positions));
            const readings = metered(traders, positions, shares);
            await market.chain.setNextBlockTime(endsAt);
            const positioned = new Set(positions.keys());
            const { tree, context } = await publishReadings(market, place, readings, positioned);
            const steps = plan.steps.map((step) => step.positions);
            const calls = settlementCalls(market.deployment, { ...place, positions: steps, tree, context });
            await market.admin.sendAll(calls);

            const after = await readMargins(market, everybody);
            const expected = expectedChanges(terms, plan, positions, readings);
            for (const account of everybody)
              expect([account, after.get(account)! - before.get(account)!]).toEqual([
                account,
                expected.get(account) ?? 0n,
              ]);
            const settled = await readInterval(market.network, market.deployment, place);
            expect(settled).toMatchObject({
              stage: plan.clearing.clearedQuantity === 0 ? "untraded" : "settled",
              openParts: 0,
              escrowMicro: 0n,
            });
            tradedOnce ||= positions.size > 0;
          },
        ),
        { numRuns: RUNS },
      );
      expect(tradedOnce).toBe(true);
    });

    it("a clearing without readings is given back after 14 days, every micro of it", async () => {
      await fc.assert(
        fc.asyncProperty(booksOf(AREAS[index]!), stepSizes, async (orders, maxStepOrders) => {
          const { endsAt, ...place } = await freshInterval(index);
          const plan = planOrders(place, signAll(market, place, orders), {
            pricing: terms.pricing,
            maxStepOrders,
          });
          const before = await readMargins(market, everybody);
          await submitPlan(plan);
          const calls = voidCalls(place, plan);
          if (calls.length === 0) return;
          await market.chain.setNextBlockTime(endsAt);
          await expect(market.senderOf(200).send(calls[0]!)).rejects.toThrow(/TooEarlyToVoid/);
          await market.chain.setNextBlockTime(endsAt + 14 * 86_400);
          for (const call of calls) await market.senderOf(200).send(call);
          expect(await readMargins(market, everybody)).toEqual(before);
          const voided = await readInterval(market.network, market.deployment, place);
          expect(voided).toMatchObject({ stage: "voided", openParts: 0, escrowMicro: 0n });
        }),
        { numRuns: 5 },
      );
    });
  },
);

function voidCalls(place: { areaId: number; intervalId: number }, { steps }: ClearingPlan) {
  const pages = new Set(steps.flatMap((step) => step.positions.map(({ account }) => pageOf(account))));
  return [...pages].map((page) =>
    contractCall({
      address: addressOf(market.deployment, "poolMarket"),
      abi: poolMarketContract.abi,
      functionName: "voidPage",
      args: [
        place.areaId,
        place.intervalId,
        page,
        steps.map((step) => step.positions.filter((p) => pageOf(p.account) === page).map(positionWord)),
      ],
    }),
  );
}

const TRADE: Order<number>[] = [
  { participant: 4, side: "bid", energyWh: 700, limitPriceMicroPerKwh: 300_000, sequence: 0 },
  { participant: 768, side: "offer", energyWh: 500, limitPriceMicroPerKwh: 100_000, sequence: 0 },
];

async function clearOneTrade(orders = TRADE) {
  const { endsAt, ...place } = await freshInterval(0);
  const plan = planOrders(place, signAll(market, place, orders));
  await submitPlan(plan);
  return { place, plan, endsAt };
}

/** `apart` are the accounts whose readings stand apart; by default, as it should be, those with a position. */
async function publishTrade(
  { place, plan, endsAt }: Awaited<ReturnType<typeof clearOneTrade>>,
  apart?: ReadonlySet<number>,
) {
  await market.chain.setNextBlockTime(endsAt);
  const held = mergePositions(plan.steps.map((step) => step.positions));
  const values = metered(AREAS[0]!.traders, held, new Array<number>(8).fill(100));
  const published = await publishReadings(market, place, values, apart ?? new Set(held.keys()));
  const positions = plan.steps.map((step) => step.positions);
  const calls = settlementCalls(market.deployment, { ...place, positions, ...published });
  return { ...published, calls };
}

describe("a position (R2.6)", () => {
  it("is settled once: of two claims at the same time one is paid, and no later one", async () => {
    const trade = await clearOneTrade();
    const { calls } = await publishTrade(trade);
    expect(calls).toHaveLength(2);
    const before = await readMargins(market, [4, 768]);
    const both = await Promise.allSettled([
      market.senderOf(201).send(calls[0]!),
      market.senderOf(202).send(calls[0]!),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = both.find((result) => result.status === "rejected")!;
    expect(refused.reason).toBeInstanceOf(ContractRefusalError);
    await market.senderOf(201).send(calls[1]!);
    const paid = await readMargins(market, [4, 768]);
    for (const call of calls) await expect(market.admin.send(call)).rejects.toThrow(/NotCleared/);
    for (const call of voidCalls(trade.place, trade.plan))
      await expect(market.admin.send(call)).rejects.toThrow(/NotCleared/);
    expect(await readMargins(market, [4, 768])).toEqual(paid);
    expect(paid).not.toEqual(before);
  });

  it("is settled past sealed readings of others, where a gateway keeps them together", async () => {
    const trade = await clearOneTrade();
    const { calls } = await publishTrade(trade, new Set());
    await market.admin.sendAll(calls);
    const settled = await readInterval(market.network, market.deployment, trade.place);
    expect(settled).toMatchObject({ stage: "settled", openParts: 0, escrowMicro: 0n });
  });

  it("is cleared once: the same book, or another one, is refused afterwards", async () => {
    const { place, plan } = await clearOneTrade();
    await expect(submitPlan(plan)).rejects.toThrow(/AlreadyCleared/);
    const other = signAll(market, place, [{ ...TRADE[0]!, sequence: 9 }, TRADE[1]!]);
    await expect(submitPlan(planOrders(place, other))).rejects.toThrow(/AlreadyCleared/);
  });

  it("is not settled by other positions or readings than those that the chain committed to", async () => {
    const trade = await clearOneTrade();
    const published = await publishTrade(trade);
    const positions = trade.plan.steps.map((step) =>
      step.positions.map((position) => ({ ...position, exactPayment: position.exactPayment - 1n })),
    );
    const cheaper = settlementCalls(market.deployment, { ...trade.place, positions, ...published });
    for (const call of cheaper) await expect(market.admin.send(call)).rejects.toThrow(/PositionsDiffer/);
    const forged = published.tree.segments.map(({ page, words }) => ({
      page,
      words: words.map((w) => w + 1n),
    }));
    const steps = trade.plan.steps.map((step) => step.positions);
    const lying = settlementCalls(market.deployment, {
      ...trade.place,
      positions: steps,
      context: published.context,
      tree: { ...published.tree, segments: forged },
    });
    for (const call of lying) await expect(market.admin.send(call)).rejects.toThrow(/SegmentNotProven/);
    await market.admin.sendAll(published.calls);
  });
});

/** The trade, with the bid of account 4 changed before it is signed. */
function signTrade(place: Place, change: Partial<Order<number>> = {}) {
  const orders = TRADE.map((order) => (order.participant === 4 ? { ...order, ...change } : order));
  return signAll(market, place, orders);
}

describe("a clearing is refused, with the reason and its values,", () => {
  it.each([
    [
      "an order of somebody else's signature",
      /InvalidSignature \(account 4, side 0, position 0\)/,
      (place: Place) => signTrade(place).map((order) => ({ ...order, energyWh: 500 })),
    ],
    [
      "an order outside the band",
      /OutsidePriceBand \(account 4, limitPriceMicroPerKwh 400000\)/,
      (place: Place) => signTrade(place, { limitPriceMicroPerKwh: 400_000 }),
    ],
    [
      "an account of another area",
      /NotTradable \(account 9\)/,
      (place: Place) => signTrade(place, { participant: 9 }),
    ],
    [
      "an order signed for another interval",
      /InvalidSignature/,
      (place: Place) => signTrade({ ...place, intervalId: place.intervalId + 1 }),
    ],
  ])("%s", async (_, words, sign) => {
    const { endsAt: _endsAt, ...place } = await freshInterval(0);
    const plan = planOrders(place, sign(place));
    await expect(submitPlan(plan)).rejects.toThrow(words);
    const interval = await readInterval(market.network, market.deployment, place);
    expect(interval).toMatchObject({ stage: "collecting", steps: 0, escrowMicro: 0n });
  });
});

describe("the market operator", () => {
  const [buyer, seller, otherSeller, pauper, stranger] = [13, 14, 15, 16, 17] as const;
  const kept: DroppedOrder[] = [];
  let areaId: number;
  let operator: MarketOperator;

  beforeAll(async () => {
    const traders = [buyer, seller, otherSeller, pauper];
    areaId = await openArea(market, { terms: UNIFORM, traders, marginMicro: 400_000n });
    const { admin: sender, deployment } = market;
    operator = createMarketOperator({
      sender,
      deployment,
      market: createMarketView(market.network, deployment, areaId),
      areaId,
      terms: UNIFORM,
      supplier: SUPPLIER,
      keepDropped: async (dropped) => void kept.push(...dropped),
      standingOrders: () => [],
    });
  });

  /** At 0.2 a kWh and a grid fee of 0.02, all 2 kWh on offer are too dear for one of 0.4, and 0.1 kWh is not. */
  const order = (participant: number, side: Side, energyWh: number, sequence = 0): Order<number> => {
    const limitPriceMicroPerKwh = side === "bid" ? 300_000 : 100_000;
    return { participant, side, energyWh, limitPriceMicroPerKwh, sequence };
  };

  async function clear(orders: readonly Order<number>[]) {
    const { intervalId } = await freshInterval(0);
    const place = { areaId, intervalId };
    const book = signAll(market, place, orders).map((signed) => {
      const orderId = toHex(orderDigest(signed, contextOf(market, place)));
      return { ...signed, ...place, orderId, receivedAt: 0 };
    });
    const cleared = await operator.clear(intervalId, book);
    return { cleared, interval: await readInterval(market.network, market.deployment, place) };
  }

  it("clears without the orders that the chain refuses, and says which and why", async () => {
    const orders = [
      order(buyer, "bid", 100),
      order(pauper, "bid", 1_700),
      order(pauper, "bid", 300, 1),
      order(stranger, "bid", 10),
      order(seller, "offer", 1_000),
      order(otherSeller, "offer", 1_000),
    ];
    const { cleared, interval } = await clear(orders);
    const dropped = cleared.dropped.map(({ order: { participant, sequence }, refusal }) => ({
      participant,
      sequence,
      refusal,
    }));
    expect(dropped).toEqual(
      expect.arrayContaining([
        { participant: stranger, sequence: 0, refusal: "NotTradable" },
        { participant: pauper, sequence: 0, refusal: "InsufficientMargin" },
        { participant: pauper, sequence: 1, refusal: "InsufficientMargin" },
      ]),
    );
    expect(dropped).toHaveLength(3);
    expect(kept).toEqual(cleared.dropped);
    const stood = orders.filter(({ participant }) => participant !== stranger && participant !== pauper);
    const place = { areaId, intervalId: cleared.plan.outcome.intervalId };
    const root = bookRootOf(sortByMerit(signAll(market, place, stood)), contextOf(market, place));
    expect(cleared.plan.outcome.bookRoot).toBe(root);
    expect(interval).toMatchObject({ stage: "cleared", clearedWh: 100 });
    expect(cleared).toMatchObject({ transactions: 1 });
    expect(cleared.gasUsed).toBeGreaterThan(21_000n);
  });

  it("clears an empty book to nothing, which leaves nothing to settle", async () => {
    const { cleared, interval } = await clear([]);
    expect(cleared.dropped).toEqual([]);
    expect(interval).toMatchObject({ stage: "untraded", clearedWh: 0, localPrice: 0 });
  });

  it("passes on a refusal that no account's orders cause", async () => {
    const { intervalId } = await freshInterval(0);
    await operator.clear(intervalId, []);
    await expect(operator.clear(intervalId, [])).rejects.toMatchObject({ refusal: "AlreadyCleared" });
  });
});

describe("a reading", () => {
  it("is proven by its path up to the published root, and no other reading or path is", async () => {
    const { endsAt, ...place } = await freshInterval(0);
    await market.chain.setNextBlockTime(endsAt);
    const values = new Map(AREAS[0]!.traders.map((account) => [account, { importWh: account, exportWh: 0 }]));
    const { tree, context } = await publishReadings(market, place, values, new Set([5, 255, 768, 770]));
    expect(tree.segments.map(({ page, words }) => [page, words.length])).toEqual([
      [0, 2],
      [0, 4],
      [1, 2],
    ]);
    for (const [segmentIndex, { page, words }] of tree.segments.entries()) {
      const leaves = words.map((word) => readingLeaf(context, word));
      for (const [leafIndex, word] of words.entries()) {
        const proof = {
          page,
          leafIndex: BigInt(leafIndex),
          leaves: BigInt(leaves.length),
          leafPath: pathOf(leaves, leafIndex).map(toHex),
          segmentIndex: BigInt(segmentIndex),
          segments: BigInt(tree.segments.length),
          segmentPath: pathOf(tree.segmentHashes, segmentIndex).map(toHex),
        };
        expect(await isProven(place, word, proof)).toBe(true);
        expect(await isProven(place, word ^ (1n << 192n), proof)).toBe(false);
        expect(await isProven(place, word, { ...proof, page: page + 1 })).toBe(false);
        expect(await isProven(place, word, { ...proof, leafPath: proof.leafPath.slice(1) })).toBe(false);
        expect(await isProven(place, word, { ...proof, leaves: proof.leaves + 1n })).toBe(false);
      }
    }
  });

  type Proof = Parameters<typeof isProven>[2];
  function isProven(
    { areaId, intervalId }: { areaId: number; intervalId: number },
    word: bigint,
    proof: {
      page: number;
      leafIndex: bigint;
      leaves: bigint;
      leafPath: `0x${string}`[];
      segmentIndex: bigint;
      segments: bigint;
      segmentPath: `0x${string}`[];
    },
  ): Promise<boolean> {
    return market.network.client.readContract({
      address: addressOf(market.deployment, "meterLedger"),
      abi: meterLedgerContract.abi,
      functionName: "isProven",
      args: [areaId, intervalId, word, proof satisfies Proof],
    });
  }
});

it("areas are read with the length of their intervals", async () => {
  const lengths = await readIntervalLengths(market.network, market.deployment);
  for (const [index, { terms }] of AREAS.entries())
    expect(lengths.get(areaIds[index]!)).toBe(terms.intervalSeconds);
});
