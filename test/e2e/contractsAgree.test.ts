import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readIntervalLengths } from "#domains/metering/areaRegistry.ts";
import { poolMarketContract } from "#domains/pool/contracts.generated.ts";
import {
  abandonCalls,
  clearingCalls,
  inOneTransaction,
  readInterval,
  returnCalls,
  settlementCalls,
} from "#domains/pool/poolMarket.ts";
import { settlementPrices } from "#domains/pool/rules/area.ts";
import { type ClearingPlan, planClearing } from "#domains/pool/rules/clearingPlan.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { settlePosition } from "#domains/pool/rules/settlement.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
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
import { AREAS, booksOf, meterings, type Shares, stepSizes, submissions } from "./randomBooks.fixture.ts";

/*
 * The same market twice: what TypeScript plans and settles, and what the contracts verify and pay, to the micro. Random
 * books on a real chain, over four pages of members, in one transaction or in several.
 */

/** Is metered everywhere and trades nowhere. */
const ONLOOKER = 7;
const MARGIN_MICRO = 10n ** 12n;
const WAITING_SECONDS = 86_400;
const RUNS = 25;

let market: MarketOnChain;
let areaIds: number[];
const nextInterval = new Map<number, number>();

beforeAll(async () => {
  market = await openMarketOnChain();
  areaIds = [];
  for (const area of AREAS) areaIds.push(await openArea(market, { ...area, marginMicro: MARGIN_MICRO }));
  for (const [index, { isSupplied }] of AREAS.entries()) if (!isSupplied) await withdrawSupply(index);
});
afterAll(async () => {
  await market?.close();
});

/** The area's supplier stands no more for the intervals of the stories to come. */
async function withdrawSupply(index: number): Promise<void> {
  const call = contractCall({
    address: addressOf(market.deployment, "poolMarket"),
    abi: poolMarketContract.abi,
    functionName: "withdrawSupply",
    args: [areaIds[index]!, 1],
  });
  await market.senderOf(SUPPLIER).send(call);
  const { timestamp } = await market.network.client.getBlock();
  nextInterval.set(index, Math.ceil((Number(timestamp) + 86_400) / AREAS[index]!.terms.intervalSeconds));
}

type Place = { readonly areaId: number; readonly intervalId: number };
/** An interval of a story, whose gate has just closed; `endsAt` in unix s. */
type FreshInterval = { readonly place: Place; readonly endsAt: number };

/** Time on the chain only goes forward: each story has an interval of its own, after all before it. */
async function freshInterval(index: number): Promise<FreshInterval> {
  const { intervalSeconds, gateClosureSeconds } = AREAS[index]!.terms;
  const { timestamp } = await market.network.client.getBlock();
  const soonest = Math.floor((Number(timestamp) + gateClosureSeconds) / intervalSeconds) + 1;
  const intervalId = Math.max(soonest, nextInterval.get(index) ?? 0);
  nextInterval.set(index, intervalId + 1);
  await market.chain.setNextBlockTime(intervalId * intervalSeconds - gateClosureSeconds);
  await market.chain.mine();
  const place = { areaId: areaIds[index]!, intervalId };
  return { place, endsAt: (intervalId + 1) * intervalSeconds };
}

function planOrders(
  place: Place,
  orders: readonly SignedOrder[],
  options: Partial<Pick<Parameters<typeof planClearing>[0], "pricing" | "submit" | "maxStepOrders">> = {},
): ClearingPlan {
  return planClearing({ orders, pricing: "uniform", ...contextOf(market, place), ...options });
}

async function submitPlan(plan: ClearingPlan, steps = plan.steps.length) {
  for (const call of clearingCalls(market.deployment, plan).slice(0, steps)) await market.admin.send(call);
}

/** What is reserved for `positions` in an attempt at an interval. */
function held(place: Place, plan: ClearingPlan, positions = plan.positions) {
  return { ...place, attempt: 0, positions, pricing: plan.clearing.pricing };
}

function metered(traders: readonly number[], positions: readonly MemberPosition[], shown: Shares) {
  const traded = new Map(positions.map((position) => [position.member, position]));
  const readings = new Map([[ONLOOKER, { importWh: 5, exportWh: 0 }]]);
  for (const [i, member] of traders.entries()) {
    const hundredths = shown[i] ?? null;
    if (hundredths === null) continue;
    const { soldWh, boughtWh } = traded.get(member) ?? { soldWh: 0n, boughtWh: 0n };
    const share = (wh: bigint) => Number((wh * BigInt(hundredths)) / 100n);
    readings.set(member, { importWh: share(boughtWh), exportWh: share(soldWh) });
  }
  return readings;
}

/** What each member's margin must change by, from the equations in TypeScript. */
function expectedChanges(
  { terms, isSupplied }: (typeof AREAS)[number],
  { localPriceMicroPerKwh, positions }: ClearingPlan,
  readings: ReturnType<typeof metered>,
): Map<number, bigint> {
  const prices = settlementPrices(terms, {
    localPriceMicroPerKwh: BigInt(localPriceMicroPerKwh),
    isSupplied,
  });
  const changes = new Map<number, bigint>();
  const add = (member: number, micro: bigint) => changes.set(member, (changes.get(member) ?? 0n) + micro);
  for (const position of positions) {
    const { importWh, exportWh } = readings.get(position.member) ?? { importWh: 0, exportWh: 0 };
    const reading = { importWh: BigInt(importWh), exportWh: BigInt(exportWh) };
    const settled = settlePosition(position, reading, prices);
    add(position.member, -settled.netMicro);
    add(DSO, settled.gridFeeMicro);
    add(SUPPLIER, settled.shortfallMicro - settled.surplusMicro);
    add(FUND, settled.paymentMicro);
  }
  return changes;
}

describe.each(AREAS.map((area, index) => ({ ...area, index, pricing: area.terms.pricing })))(
  "$pricing pricing, supplied $isSupplied",
  ({ index, isSupplied, pricing, traders }) => {
    const everybody = [SUPPLIER, DSO, FUND, ...traders];
    const margins = () => readMargins(market, areaIds[index]!, everybody);
    const intervalOf = (place: Place) => readInterval(market.network, market.deployment, place);

    it("every step is accepted, and all margins end where the equations say, to the micro", async () => {
      const seen = { traded: false, missing: false, shown: false };
      await fc.assert(
        fc.asyncProperty(
          booksOf(AREAS[index]!, { minLength: 0 }),
          fc.record({ maxStepOrders: stepSizes, submit: submissions }),
          meterings,
          async (orders, options, shown) => {
            const { place, endsAt } = await freshInterval(index);
            const plan = planOrders(place, signAll(market, place, orders), { pricing, ...options });
            const before = await margins();
            await submitPlan(plan);
            const cleared = await intervalOf(place);
            const { clearedWh, localPrice } = plan.outcome;
            expect(cleared).toMatchObject({ clearedWh, localPrice, attempt: 0 });
            if (clearedWh > 0) expect(cleared.isSupplied).toBe(isSupplied);

            const readings = metered(traders, plan.positions, shown);
            const isMissing = plan.positions.some(({ member }) => !readings.has(member));
            await market.chain.setNextBlockTime(endsAt);
            const positioned = new Set(plan.positions.map(({ member }) => member));
            const published = await publishReadings(market, place, readings, positioned);
            const calls = settlementCalls(market.deployment, { ...held(place, plan), ...published });
            if (isMissing) await market.chain.setNextBlockTime(endsAt + WAITING_SECONDS);
            await market.admin.sendAll(calls);

            const after = await margins();
            const expected = expectedChanges(AREAS[index]!, plan, readings);
            for (const member of everybody)
              expect([member, after.get(member)! - before.get(member)!]).toEqual([
                member,
                expected.get(member) ?? 0n,
              ]);
            const stage = clearedWh === 0 ? "untraded" : "settled";
            expect(await intervalOf(place)).toMatchObject({ stage, openPages: 0, escrowMicro: 0 });
            seen.traded ||= clearedWh > 0;
            seen.missing ||= isMissing;
            seen.shown ||= clearedWh > 0 && !isMissing;
          },
        ),
        { numRuns: RUNS },
      );
      expect(seen).toEqual({ traded: true, missing: true, shown: true });
    });

    it("a clearing without readings is given back once they are not waited for, every micro of it", async () => {
      await fc.assert(
        fc.asyncProperty(
          booksOf(AREAS[index]!, { minLength: 0 }),
          stepSizes,
          async (orders, maxStepOrders) => {
            const { place, endsAt } = await freshInterval(index);
            const plan = planOrders(place, signAll(market, place, orders), { pricing, maxStepOrders });
            const before = await margins();
            await submitPlan(plan);
            const calls = returnCalls(market.deployment, held(place, plan));
            if (calls.length === 0) return;
            await market.chain.setNextBlockTime(endsAt);
            await expect(market.senderOf(200).send(calls[0]!)).rejects.toThrow(/TooEarlyToReturn/);
            await market.chain.setNextBlockTime(endsAt + WAITING_SECONDS);
            for (const call of calls) await market.senderOf(200).send(call);
            expect(await margins()).toEqual(before);
            const returned = { stage: "returned", openPages: 0, escrowMicro: 0 };
            expect(await intervalOf(place)).toMatchObject(returned);
          },
        ),
        { numRuns: 5 },
      );
    });

    it("a clearing that is given up gives everything back, and the next one is cleared", async () => {
      const seen = { givenUp: 0 };
      await fc.assert(
        fc.asyncProperty(booksOf(AREAS[index]!, { minLength: 15 }), fc.nat(), async (orders, at) => {
          const { place } = await freshInterval(index);
          const signed = signAll(market, place, orders);
          const plan = planOrders(place, signed, { pricing, submit: "all", maxStepOrders: 3 });
          if (plan.steps.length === 1) return;
          const taken = 1 + (at % (plan.steps.length - 1));
          const before = await margins();
          await submitPlan(plan, taken);
          const reserved = held(place, plan, plan.steps[taken]!.before);
          const calls = abandonCalls(market.deployment, reserved);
          await market.admin.send(inOneTransaction(market.deployment, calls));
          expect(await margins()).toEqual(before);
          const begun = { stage: "collecting", attempt: 1, openPages: 0, escrowMicro: 0 };
          expect(await intervalOf(place)).toMatchObject(begun);
          await submitPlan(planOrders(place, signed, { pricing }));
          const { clearedWh } = plan.outcome;
          const stage = clearedWh === 0 ? "untraded" : "cleared";
          expect(await intervalOf(place)).toMatchObject({ stage, attempt: 1, clearedWh });
          seen.givenUp += 1;
        }),
        { numRuns: 8 },
      );
      expect(seen.givenUp).toBeGreaterThan(0);
    });
  },
);

const TRADE: Order<number>[] = [
  { participant: 4, side: "bid", energyWh: 700, limitPriceMicroPerKwh: 300_000, sequence: 0 },
  { participant: 768, side: "offer", energyWh: 500, limitPriceMicroPerKwh: 100_000, sequence: 0 },
];

async function clearOneTrade(orders = TRADE) {
  const { place, endsAt } = await freshInterval(0);
  const plan = planOrders(place, signAll(market, place, orders));
  await submitPlan(plan);
  return { place, plan, endsAt };
}

/** `apart` are the members whose readings stand apart; by default, as it should be, those with a position. */
async function publishTrade(
  { place, plan, endsAt }: Awaited<ReturnType<typeof clearOneTrade>>,
  apart?: ReadonlySet<number>,
) {
  await market.chain.setNextBlockTime(endsAt);
  const values = metered(AREAS[0]!.traders, plan.positions, new Array<number>(8).fill(100));
  const positioned = new Set(plan.positions.map(({ member }) => member));
  const { tree, context } = await publishReadings(market, place, values, apart ?? positioned);
  const published = { tree, context };
  return { ...published, calls: settlementCalls(market.deployment, { ...held(place, plan), ...published }) };
}

describe("a position (R2.6)", () => {
  const margins = () => readMargins(market, areaIds[0]!, [4, 768]);

  it("is settled once: of two claims at the same time one is paid, and no later one", async () => {
    const { place, plan, ...rest } = await clearOneTrade();
    const { calls } = await publishTrade({ place, plan, ...rest });
    expect(calls).toHaveLength(2);
    const before = await margins();
    const both = await Promise.allSettled([
      market.senderOf(201).send(calls[0]!),
      market.senderOf(202).send(calls[0]!),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = both.find((result) => result.status === "rejected")!;
    expect(refused.reason).toBeInstanceOf(ContractRefusalError);
    await market.senderOf(201).send(calls[1]!);
    const paid = await margins();
    for (const call of calls) await expect(market.admin.send(call)).rejects.toThrow(/NotCleared/);
    for (const call of returnCalls(market.deployment, held(place, plan)))
      await expect(market.admin.send(call)).rejects.toThrow(/NothingToReturn/);
    expect(await margins()).toEqual(paid);
    expect(paid).not.toEqual(before);
  });

  it("is settled past sealed readings of others, where a gateway keeps them together", async () => {
    const trade = await clearOneTrade();
    const { calls } = await publishTrade(trade, new Set());
    await market.admin.sendAll(calls);
    const settled = await readInterval(market.network, market.deployment, trade.place);
    expect(settled).toMatchObject({ stage: "settled", openPages: 0, escrowMicro: 0 });
  });

  it("is cleared once: the same book, or another one, is refused afterwards", async () => {
    const { place, plan } = await clearOneTrade();
    await expect(submitPlan(plan)).rejects.toThrow(/AlreadyCleared/);
    const other = signAll(market, place, [{ ...TRADE[0]!, sequence: 9 }, TRADE[1]!]);
    await expect(submitPlan(planOrders(place, other))).rejects.toThrow(/AlreadyCleared/);
  });

  it("is not settled by other positions or readings than those that the chain committed to", async () => {
    const { place, plan, ...rest } = await clearOneTrade();
    const { calls, tree, context } = await publishTrade({ place, plan, ...rest });
    const less = plan.positions.map((position) => ({ ...position, boughtWh: position.boughtWh / 2n }));
    const fewer = settlementCalls(market.deployment, { ...held(place, plan, less), tree, context });
    await expect(market.admin.send(fewer[0]!)).rejects.toThrow(/PositionsDiffer/);
    const pages = tree.pages.map(({ lists: [first, second], ...page }) => {
      const words = first.words.map((word) => word + 1n);
      return { ...page, lists: [{ ...first, words }, second] as const };
    });
    const forged = { ...tree, pages };
    const lying = settlementCalls(market.deployment, { ...held(place, plan), context, tree: forged });
    for (const call of lying) await expect(market.admin.send(call)).rejects.toThrow(/PageNotProven/);
    await market.admin.sendAll(calls);
  });

  it("does not count as zero while a reading of its member may still come", async () => {
    const { place, plan, endsAt } = await clearOneTrade();
    await market.chain.setNextBlockTime(endsAt);
    const onlyOnlooker = metered([], [], []);
    const published = await publishReadings(market, place, onlyOnlooker, new Set());
    const calls = settlementCalls(market.deployment, { ...held(place, plan), ...published });
    await expect(market.admin.send(calls[0]!)).rejects.toThrow(/ReadingMissing \(member 4\)/);
    await market.chain.setNextBlockTime(endsAt + WAITING_SECONDS - 1);
    await expect(market.admin.send(calls[0]!)).rejects.toThrow(/ReadingMissing/);
    await market.chain.setNextBlockTime(endsAt + WAITING_SECONDS);
    await market.admin.sendAll(calls);
    const settled = await readInterval(market.network, market.deployment, place);
    expect(settled).toMatchObject({ stage: "settled", openPages: 0, escrowMicro: 0 });
  });
});

/** The trade, with the bid of member 4 changed before it is signed. */
function signTrade(place: Place, change: Partial<Order<number>> = {}) {
  const orders = TRADE.map((order) => (order.participant === 4 ? { ...order, ...change } : order));
  return signAll(market, place, orders);
}

describe("a clearing is refused, with the reason and its values,", () => {
  it.each([
    [
      "an order of somebody else's signature",
      /InvalidSignature \(member 4, side 0, position 0\)/,
      (place: Place) => signTrade(place).map((order) => ({ ...order, energyWh: 500 })),
    ],
    [
      "an order outside the band",
      /OutsidePriceBand \(member 4, limitPrice 400000\)/,
      (place: Place) => [
        ...signTrade(place, { limitPriceMicroPerKwh: 400_000, energyWh: 100 }),
        ...signAll(market, place, [{ ...TRADE[0]!, participant: 5 }]),
      ],
    ],
    [
      "a member that the area does not have",
      /NotTradable \(member 774\)/,
      (place: Place) => signTrade(place, { participant: 774 }),
    ],
    [
      "an order for more than the member's connection carries",
      /AboveCapacity \(member 4, energyWh 1000000001, capacityW 4000000000\)/,
      (place: Place) => [
        ...signTrade(place, { energyWh: 1_000_000_001 }),
        ...signAll(market, place, [{ ...TRADE[1]!, participant: 770, energyWh: 999_999_999 }]),
        ...signAll(market, place, [{ ...TRADE[1]!, participant: 256, energyWh: 999_999_999 }]),
      ],
    ],
    [
      "an order signed for another interval",
      /InvalidSignature/,
      (place: Place) => signTrade({ ...place, intervalId: place.intervalId + 1 }),
    ],
  ])("%s", async (_, words, sign) => {
    const { place } = await freshInterval(0);
    const plan = planOrders(place, sign(place));
    await expect(submitPlan(plan)).rejects.toThrow(words);
    const interval = await readInterval(market.network, market.deployment, place);
    expect(interval).toMatchObject({ stage: "collecting", openPages: 0, escrowMicro: 0 });
  });
});

it("areas are read with the length of their intervals", async () => {
  const lengths = await readIntervalLengths(market.network, market.deployment);
  for (const [index, { terms }] of AREAS.entries())
    expect(lengths.get(areaIds[index]!)).toBe(terms.intervalSeconds);
});
