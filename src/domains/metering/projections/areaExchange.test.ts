import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { NO_SOURCES, projectorOf } from "#domains/domains.ts";
import { areaExchange, missingReadings } from "#domains/metering/tables.ts";
import {
  accountOf,
  createHistory,
  HOMES,
  INTERVAL_SECONDS,
  ordinaryOrders,
} from "#platform/store/marketHistory.fixture.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import { emptyStore, type Store } from "#platform/store/openStore.ts";
import { project } from "#platform/store/project.ts";

const PLACE = { areaId: 1, intervalId: 100, startsAt: 100 * INTERVAL_SECONDS };
const METERED = { 4: [450, 0], 5: [700, 0], 6: [0, 650], 7: [0, 100] } as const;

let store: Store;

beforeAll(async () => {
  store = await openMemoryStore();
});
beforeEach(() => emptyStore(store));
afterAll(() => store?.close());

async function tablesOf({ events, readingsOf }: ReturnType<typeof createHistory>, hasArchive: boolean) {
  const sources = hasArchive ? { ...NO_SOURCES, readingsOf } : NO_SOURCES;
  await project(store, events, projectorOf(sources));
  const missing = await store.db.select().from(missingReadings).orderBy(missingReadings.member);
  return {
    exchange: await store.db.select().from(areaExchange),
    missing: missing.map(({ member, account }) => [member, account]),
  };
}

it("sums the readings that are published, and notes who sent none", async () => {
  const history = createHistory();
  history.publish(100, { 4: [450, 0], 6: [0, 650], 7: [0, 100] });
  expect(await tablesOf(history, true)).toEqual({
    exchange: [{ ...PLACE, netWh: -300, meters: 3 }],
    missing: [[5, accountOf(5)]],
  });
  history.publish(100, METERED);
  expect(await tablesOf(history, true)).toEqual({
    exchange: [{ ...PLACE, netWh: 400, meters: 4 }],
    missing: [],
  });
});

it("knows without the archive what settlements opened, and nothing before: not zero", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, METERED);
  expect(await tablesOf(history, false)).toEqual({
    exchange: [],
    missing: HOMES.map((member) => [member, accountOf(member)]),
  });
  history.settle(plan);
  expect(await tablesOf(history, false)).toEqual({
    exchange: [{ ...PLACE, netWh: 400, meters: 4 }],
    missing: [],
  });
});

it("waits for no meter that is not in use for all of the interval", async () => {
  const history = createHistory();
  const before = Math.floor(1_200 / INTERVAL_SECONDS);
  history.publish(before, { 4: [10, 0] });
  const { exchange, missing } = await tablesOf(history, true);
  expect(exchange).toMatchObject([{ netWh: 10, meters: 1 }]);
  expect(missing).toEqual([]);
});
