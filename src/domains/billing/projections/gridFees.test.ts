import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { allMovements } from "#domains/accounts/tables.ts";
import { allCharges, gridFees } from "#domains/billing/tables.ts";
import { NO_SOURCES, projectorOf } from "#domains/domains.ts";
import {
  createHistory,
  HOMES,
  homeOrder,
  INTERVAL_SECONDS,
  ordinaryOrders,
} from "#platform/store/marketHistory.fixture.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import { emptyStore, type Store } from "#platform/store/openStore.ts";
import { project } from "#platform/store/project.ts";

const PLACE = { areaId: 1, intervalId: 100, startsAt: 100 * INTERVAL_SECONDS, kind: "pool.gridFee" };
const METERED = { 4: [450, 0], 5: [700, 0], 6: [0, 650], 7: [0, 100] } as const;
/** A page holds 256 members. */
const [FAR, FURTHER] = [770, 771];

let store: Store;

beforeAll(async () => {
  store = await openMemoryStore();
});
beforeEach(() => emptyStore(store));
afterAll(() => store?.close());

async function feesOf({ events, readingsOf }: ReturnType<typeof createHistory>) {
  await project(store, events, projectorOf({ ...NO_SOURCES, readingsOf }));
  return store.db.select().from(gridFees);
}

/** What the grid operator's margin grew by, and what members were charged for it. */
async function ledgerAndCharges() {
  const moved = await store.db.select().from(allMovements).where(eq(allMovements.kind, "gridFee"));
  const charged = await store.db.select().from(allCharges).where(eq(allCharges.kind, "pool.gridFee"));
  return {
    moved: moved.reduce((sum, { marginMicro }) => sum + marginMicro, 0n),
    charged: charged.reduce((sum, { amountMicro }) => sum + amountMicro, 0n),
  };
}

it("has no row before a settlement, and then what it paid: by the ledger, and by what members are charged", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, METERED);
  expect(await feesOf(history)).toEqual([]);
  history.settle(plan);
  const [fee, ...more] = await feesOf(history);
  expect(more).toEqual([]);
  expect(fee).toMatchObject(PLACE);
  expect(fee?.amountMicro).toBeGreaterThan(0n);
  expect(await ledgerAndCharges()).toEqual({ moved: fee?.amountMicro, charged: fee?.amountMicro });
});

it("grows page by page", async () => {
  const history = createHistory({ homes: [...HOMES, FAR, FURTHER] });
  const bid = (participant: number) =>
    homeOrder(100, {
      participant,
      side: "bid",
      energyWh: 300,
      limitPriceMicroPerKwh: 200_000,
      sequence: 0,
    });
  const offer = { participant: 6, side: "offer", energyWh: 600, limitPriceMicroPerKwh: 100_000 } as const;
  const plan = history.clear(100, [bid(4), bid(FAR), homeOrder(100, { ...offer, sequence: 0 })]);
  history.publish(100, { 4: [300, 0], 6: [0, 600], [FAR]: [300, 0] });
  for (const page of [3, 0]) {
    history.settle(plan, { page });
    const [fee] = await feesOf(history);
    expect(fee?.amountMicro).toBe(page === 3 ? 6_000n : 12_000n);
    expect(await ledgerAndCharges()).toEqual({ moved: fee?.amountMicro, charged: fee?.amountMicro });
  }
});

it("is nothing, and known, where nothing was traded or all was given back", async () => {
  const untraded = createHistory();
  untraded.clear(100, []);
  expect(await feesOf(untraded)).toEqual([{ ...PLACE, amountMicro: 0n }]);
  await emptyStore(store);
  const returned = createHistory();
  returned.returnPage(returned.clear(100, ordinaryOrders(100)));
  expect(await feesOf(returned)).toEqual([{ ...PLACE, amountMicro: 0n }]);
});
