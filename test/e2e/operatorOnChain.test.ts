import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createMarketOperator,
  type DroppedOrder,
  type MarketOperator,
} from "#domains/pool/marketOperator.ts";
import { createMarketView } from "#domains/pool/marketView.ts";
import { readInterval } from "#domains/pool/poolMarket.ts";
import { bookRootOf, sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { orderDigest } from "#domains/pool/rules/signedOrder.ts";
import type { Side } from "#kernel/auction/order.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import {
  contextOf,
  type MarketOnChain,
  openArea,
  openMarketOnChain,
  signAll,
} from "./marketOnChain.fixture.ts";
import { UNIFORM } from "./randomBooks.fixture.ts";

const [BUYER, SELLER, OTHER_SELLER, PAUPER, STRANGER] = [13, 14, 15, 16, 17] as const;

let market: MarketOnChain;
let areaId: number;

beforeAll(async () => {
  market = await openMarketOnChain();
  const traders = [BUYER, SELLER, OTHER_SELLER, PAUPER];
  areaId = await openArea(market, { terms: UNIFORM, traders, marginMicro: 400_000n });
});
afterAll(async () => {
  await market?.close();
});

/** The next interval whose gate closes after now; it closes with the next block. */
async function freshInterval(): Promise<number> {
  const { timestamp } = await market.network.client.getBlock();
  const intervalId =
    Math.floor((Number(timestamp) + UNIFORM.gateClosureSeconds) / UNIFORM.intervalSeconds) + 1;
  await market.chain.setNextBlockTime(intervalId * UNIFORM.intervalSeconds - UNIFORM.gateClosureSeconds);
  return intervalId;
}

/** At 0.2 a kWh and a grid fee of 0.02, all 2 kWh on offer are too dear for one of 0.4, and 0.1 kWh is not. */
function order(participant: number, side: Side, energyWh: number, sequence = 0): Order<number> {
  const limitPriceMicroPerKwh = side === "bid" ? 300_000 : 100_000;
  return { participant, side, energyWh, limitPriceMicroPerKwh, sequence };
}

const ORDERS = [
  order(BUYER, "bid", 100),
  order(PAUPER, "bid", 1_700),
  order(PAUPER, "bid", 300, 1),
  order(STRANGER, "bid", 10),
  order(SELLER, "offer", 1_000),
  order(OTHER_SELLER, "offer", 1_000),
];

describe.each([
  ["in one transaction", 512, "NotTradable"],
  // Before the first of several steps the operator asks for all margins, of which a stranger has none.
  ["in steps of two orders", 2, "MarginsFallShort"],
])("the market operator, %s,", (_how, maxStepOrders, refusalOfStranger) => {
  const kept: DroppedOrder[] = [];
  let operator: MarketOperator;

  beforeAll(() => {
    const { admin: sender, deployment, network } = market;
    operator = createMarketOperator({
      ...{ sender, deployment, areaId, maxStepOrders },
      market: createMarketView(network, deployment, areaId),
      terms: { of: () => UNIFORM },
      keepDropped: async (dropped) => void kept.push(...dropped),
      standingOrders: () => [],
    });
  });

  async function clear(orders: readonly Order<number>[]) {
    const place = { areaId, intervalId: await freshInterval() };
    const context = contextOf(market, place);
    const book = signAll(market, place, orders).map((signed) => {
      const orderId = toHex(orderDigest(signed, context));
      return { ...signed, ...place, account: signed.participant, orderId, receivedAt: 0 };
    });
    const cleared = await operator.clear(place.intervalId, book);
    const interval = await readInterval(market.network, market.deployment, place);
    return { cleared, interval, context };
  }

  it("clears without the orders that the chain refuses, and says which and why", async () => {
    const { cleared, interval, context } = await clear(ORDERS);
    const dropped = cleared.dropped.map(({ order: { participant, sequence }, refusal }) => ({
      ...{ participant, sequence, refusal },
    }));
    expect(dropped).toEqual(
      expect.arrayContaining([
        { participant: STRANGER, sequence: 0, refusal: refusalOfStranger },
        { participant: PAUPER, sequence: 0, refusal: "MarginsFallShort" },
        { participant: PAUPER, sequence: 1, refusal: "MarginsFallShort" },
      ]),
    );
    expect(dropped).toHaveLength(3);
    expect(kept).toEqual(cleared.dropped);
    const stood = ORDERS.filter(({ participant }) => participant !== STRANGER && participant !== PAUPER);
    const root = bookRootOf(sortByMerit(signAll(market, context, stood)), context);
    expect(cleared.plan.outcome.bookRoot).toBe(root);
    expect(interval).toMatchObject({ stage: "cleared", clearedWh: 100 });
    expect(cleared.isSupplied).toBe(true);
    expect(cleared.gasUsed).toBeGreaterThan(21_000n);
  });

  it("clears an empty book to nothing, which leaves nothing to settle", async () => {
    const { cleared, interval } = await clear([]);
    expect(cleared.dropped).toEqual([]);
    expect(interval).toMatchObject({ stage: "untraded", clearedWh: 0, localPrice: 0 });
  });

  it("passes on a refusal that no member's orders cause", async () => {
    const intervalId = await freshInterval();
    await operator.clear(intervalId, []);
    await expect(operator.clear(intervalId, [])).rejects.toMatchObject({ refusal: "AlreadyCleared" });
  });
});
