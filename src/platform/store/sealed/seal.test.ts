import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listMovements, listMovementsAfter } from "#domains/accounts/queries/movements.ts";
import { listBillLines, listBillLinesAfter, sumBills } from "#domains/billing/queries/bills.ts";
import { DOMAINS, projectorOf, type Sources } from "#domains/domains.ts";
import { findReading, listReadings } from "#domains/metering/queries/readings.ts";
import { readSeries, sumDay } from "#domains/pool/queries/community.ts";
import { findEvidence } from "#domains/pool/queries/evidence.ts";
import { findOrder, listOrders, listOrdersAfter } from "#domains/pool/queries/orders.ts";
import { listMarkets } from "#domains/pool/queries/reasons.ts";
import { summarize } from "#domains/pool/queries/summary.ts";
import { listTrades } from "#domains/pool/queries/trades.ts";
import { findMemberTrail } from "#domains/pool/queries/trails.ts";
import { orders, positions } from "#domains/pool/tables.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import { dumpTables } from "#platform/store/dumpTables.ts";
import {
  AREA_ID,
  accountOf,
  createHistory,
  INTERVAL_SECONDS,
  ordinaryOrders,
} from "#platform/store/marketHistory.fixture.ts";
import { emptyStore, type Store } from "#platform/store/openStore.ts";
import { project } from "#platform/store/project.ts";
import { openMemoryStore } from "../memoryStore.fixture.ts";
import { LIVE_GROUPS } from "./seal.ts";
import { sealAll } from "./sealAll.fixture.ts";
import { GROUP_INTERVALS } from "./sealedTable.ts";

const METERED = { 4: [450, 0], 5: [700, 0], 6: [0, 650], 7: [0, 100] } as const;
const TARIFF = { feedInMicroPerKwh: 80_000, retailMicroPerKwh: 300_000 };
const [FIRST, LAST] = [GROUP_INTERVALS - 1, 2 * GROUP_INTERVALS];
/** With it, groups of the intervals before are old. */
const LATER = LAST + LIVE_GROUPS * GROUP_INTERVALS;
const ACCOUNT = accountOf(4);

let store: Store;

beforeAll(async () => {
  store = await openMemoryStore();
});
beforeEach(() => emptyStore(store));
afterAll(() => store.close());

/** Settled intervals in three groups, and one much later. */
function createOldHistory() {
  const history = createHistory();
  for (const intervalId of [FIRST, FIRST + 1, FIRST + 2, LAST]) {
    const plan = history.clear(intervalId, ordinaryOrders(intervalId));
    history.publish(intervalId, METERED);
    history.settle(plan);
  }
  history.publish(LATER, METERED);
  return history;
}

type History = ReturnType<typeof createHistory>;

function follow(history: History, events: readonly ChainEvent[] = history.events): Promise<ChainEvent[]> {
  const { readingsOf, ordersOf } = history;
  const sources: Sources = { readingsOf, ordersOf, tariffOf: () => TARIFF };
  return project(store, events, projectorOf(sources));
}

async function answers() {
  const { db } = store;
  const key = { areaId: AREA_ID, intervalId: FIRST };
  const page = { limit: 3, offset: 2 };
  const after = { startsAt: FIRST * INTERVAL_SECONDS, areaId: AREA_ID, member: 4 };
  const span = { account: ACCOUNT, areaId: AREA_ID, from: 0, to: LAST * INTERVAL_SECONDS };
  const [movement] = await listMovementsAfter(db, { account: ACCOUNT, after: null, limit: 1 });
  return {
    lines: await listBillLines(db, page),
    ofAccount: await listBillLines(db, { account: ACCOUNT, ...page, limit: 1 }),
    rest: await listBillLinesAfter(db, { account: ACCOUNT, after, limit: 2 }),
    bills: await sumBills(db, { from: 0, to: LAST * INTERVAL_SECONDS, limit: 9, offset: 0 }),
    movements: await listMovements(db, { account: ACCOUNT, ...page }),
    movementsAfter: await listMovementsAfter(db, { account: ACCOUNT, after: movement ?? null, limit: 4 }),
    readings: await listReadings(db, page),
    reading: await findReading(db, { ...key, member: 5 }),
    series: await readSeries(db, { ...span, limit: 9 }),
    day: await sumDay(db, span),
    evidence: await findEvidence(db, key),
    orders: await listOrders(db, { account: ACCOUNT, ...page, limit: 1 }),
    filled: await listOrders(db, { status: "filled", ...page }),
    ordersAfter: await listOrdersAfter(db, {
      account: ACCOUNT,
      after: null,
      limit: 2,
      from: 0,
      to: undefined,
    }),
    markets: await listMarkets(db, [key]),
    trades: await listTrades(db, { account: ACCOUNT, ...page, limit: 1 }),
    trail: await findMemberTrail(db, { ...key, member: 4 }),
    summary: await summarize(db),
  };
}

test("old intervals are sealed in all tables, and all that is asked of them is answered as before", async () => {
  await follow(createOldHistory());
  const [before, dump] = [await answers(), await dumpTables(store)];
  expect(await sealAll(store, DOMAINS)).toBe(3 * store.sealed.length);
  expect(await store.db.$count(orders)).toBe(0);
  expect(await dumpTables(store)).toEqual(dump);
  expect(await answers()).toEqual(before);
  expect(await sealAll(store, DOMAINS)).toBe(0);
});

test("an order is found by its id wherever it is, an unknown one nowhere", async () => {
  await follow(createOldHistory());
  const ids = (await store.db.select({ orderId: orders.orderId }).from(orders)).map(({ orderId }) => orderId);
  const before = await Promise.all(ids.map((orderId) => findOrder(store.db, orderId)));
  await sealAll(store, DOMAINS);
  expect(await Promise.all(ids.map((orderId) => findOrder(store.db, orderId)))).toEqual(before);
  const unknown = ids.map((orderId) => `${orderId.slice(0, -8)}00000000`);
  expect(await Promise.all(unknown.map((orderId) => findOrder(store.db, orderId)))).toEqual(
    unknown.map(() => null),
  );
});

test("what happens to a sealed interval comes out as if it had never been sealed", async () => {
  const history = createOldHistory();
  await follow(history);
  const known = history.events.length;
  history.publish(FIRST, { ...METERED, 5: [900, 0] });
  history.publish(FIRST + 40, METERED);
  const later = history.events.slice(known);
  await follow(history);
  const expected = await dumpTables(store);

  await emptyStore(store);
  await follow(history, history.events.slice(0, known));
  await sealAll(store, DOMAINS);
  await follow(history, later);
  expect(await dumpTables(store)).toEqual(expected);
  expect(await sealAll(store, DOMAINS)).toBe(2 * store.sealed.length);
  expect(await dumpTables(store)).toEqual(expected);
});

test("a group stays live while an interval of it has something to come", async () => {
  const history = createHistory();
  const plan = history.clear(FIRST, ordinaryOrders(FIRST));
  history.publish(FIRST, METERED);
  history.publish(LATER, METERED);
  await follow(history);
  expect(await sealAll(store, DOMAINS)).toBe(0);
  history.settle(plan);
  await follow(history);
  expect(await sealAll(store, DOMAINS)).toBe(store.sealed.length);
  expect(await store.db.$count(positions)).toBe(0);
});
