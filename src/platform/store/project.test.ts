import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  findParticipant,
  listMargins,
  listMovements,
  listParticipants,
} from "#domains/accounts/queries/participants.ts";
import { sumBills } from "#domains/billing/queries/bills.ts";
import { DOMAINS, NO_SOURCES, projectorOf, type Sources } from "#domains/domains.ts";
import { listReadings } from "#domains/metering/queries/readings.ts";
import { findInterval, listIntervals } from "#domains/pool/queries/intervals.ts";
import { listBook, listOrders } from "#domains/pool/queries/orders.ts";
import { listTrades } from "#domains/pool/queries/trades.ts";
import { DEPLOYMENT, testAddress } from "#platform/chain/deployment.fixture.ts";
import { dumpTables } from "./dumpTables.ts";
import { createHistory, HOMES, homeOrder, ordinaryOrders } from "./marketHistory.fixture.ts";
import { emptyStore, openStore, type Store } from "./openStore.ts";
import { project, rebuild } from "./project.ts";

const TARIFF = { feedInMicroPerKwh: 80_000, retailMicroPerKwh: 300_000 };
const PAGE = { limit: 500, offset: 0 };
const KEY = { areaId: 1, intervalId: 100 };
const METERED = { 4: [450, 0], 5: [700, 0], 6: [0, 650], 7: [0, 100] } as const;

let store: Store;

beforeAll(async () => {
  store = await openStore({ directory: null, deployment: DEPLOYMENT, domains: DOMAINS });
});
beforeEach(() => emptyStore(store));
afterAll(() => store.close());

async function storeOf(history: ReturnType<typeof createHistory>): Promise<Store> {
  await project(store, history.events, projectorOf(sourcesOf(history)));
  return store;
}

function sourcesOf({ readingsOf, ordersOf }: ReturnType<typeof createHistory>): Sources {
  return { readingsOf, ordersOf, tariffOf: () => TARIFF };
}

test("a settled interval conserves money: all accounts hold what was deposited", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, METERED);
  history.settle(plan);
  const { db } = await storeOf(history);
  const all = await listParticipants(db, PAGE);
  const held = all.reduce((sum, p) => sum + p.freeMicro + p.marginMicro + p.escrowMicro, 0n);
  expect(held).toBe(5n * 1_000_000_005n);
  expect(all.every(({ escrowMicro, marginMicro }) => escrowMicro === 0n && marginMicro >= 0n)).toBe(true);
  expect((await findParticipant(db, 2))?.marginMicro).toBe((await findInterval(db, KEY))?.gridFeeMicro);
});

test("a cleared interval shows price, fills, trades and what is in escrow", async () => {
  const history = createHistory();
  history.clear(100, ordinaryOrders(100));
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({
    stage: "cleared",
    clearedWh: 900n,
    clearingPriceMicroPerKwh: 175_000n,
    orders: 5,
    trades: 3,
  });
  const fills = (await listOrders(db, { ...KEY, ...PAGE })).map(({ account, side, fillWh }) => [
    account,
    side,
    fillWh,
  ]);
  expect(fills).toEqual([
    [4, "bid", 500],
    [5, "bid", 400],
    [5, "bid", 0],
    [6, "offer", 600],
    [7, "offer", 300],
  ]);
  const trades = await listTrades(db, { account: 5, ...PAGE });
  expect(trades.map(({ buyer, seller, energyWh }) => [buyer, seller, energyWh])).toEqual([
    [5, 6, 100],
    [5, 7, 300],
  ]);
  expect((await findParticipant(db, 4))?.escrowMicro).toBe(87_500n + 10_000n);
});

test("a shortfall is charged and the bill adds up", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, METERED);
  history.settle(plan);
  const { db } = await storeOf(history);
  const [bill] = await sumBills(db, { account: 7, ...PAGE });
  expect(bill).toMatchObject({
    soldWh: 300n,
    shortfallWh: 200n,
    exportWh: 100n,
    gridExportWh: 0n,
    paymentMicro: -52_500n,
    shortfallMicro: 66_000n,
    netMicro: 13_500n,
    tariffBillMicro: -8_000n,
    savingMicro: -21_500n,
  });
  const moved = await listMovements(db, { account: 7, ...PAGE });
  expect(moved.map(({ kind }) => kind)).toEqual(["settled", "reserved", "marginAdded", "deposited"]);
});

test("a clearing in several steps is the same as in one", async () => {
  const views = [];
  for (const maxStepOrders of [512, 2]) {
    const history = createHistory({ pricing: "midpoint" });
    const plan = history.clear(100, ordinaryOrders(100), { maxStepOrders });
    history.publish(100, METERED);
    history.settle(plan);
    const { db } = await storeOf(history);
    const orders = await listOrders(db, { ...KEY, ...PAGE });
    views.push({
      orders: orders.map(({ orderId, place, fillWh, exactPayment }) => ({
        orderId,
        place,
        fillWh,
        exactPayment,
      })),
      trades: await listTrades(db, { ...KEY, ...PAGE }),
      bills: await sumBills(db, PAGE),
    });
    expect(plan.steps.length > 1).toBe(maxStepOrders === 2);
    await emptyStore(store);
  }
  expect(views[0]).toEqual(views[1]);
});

test("orders that were not submitted come from the desk's archive, under the root of the book", async () => {
  const history = createHistory();
  const spare = homeOrder(100, {
    participant: 4,
    side: "bid",
    energyWh: 70,
    limitPriceMicroPerKwh: 85_000,
    sequence: 0,
  });
  const plan = history.clear(100, [...ordinaryOrders(100), spare]);
  expect(plan.steps[0]!.bids).toHaveLength(3);
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({
    orders: 6,
    trades: 3,
    bookRoot: plan.outcome.bookRoot,
    isBookComplete: true,
  });
  const book = await listBook(db, { ...KEY, ...PAGE });
  expect(book.map(({ account, side, place, step, fillWh }) => [account, side, place, step, fillWh])).toEqual([
    [4, "bid", 0, 0, 500],
    [5, "bid", 1, 0, 400],
    [5, "bid", 2, 0, 0],
    [4, "bid", 3, null, 0],
    [6, "offer", 0, 0, 600],
    [7, "offer", 1, 0, 300],
  ]);
  expect(book[3]).toMatchObject({
    transactionHash: null,
    submittedAt: null,
    receivedAt: expect.any(Number),
    signer: book[0]!.signer,
  });
  const statuses = ["filled", "partlyFilled", "unfilled", "submitted", "refused"] as const;
  const counts = statuses.map(async (status) => (await listOrders(db, { ...KEY, ...PAGE, status })).length);
  expect(await Promise.all(counts)).toEqual([3, 1, 2, 0, 0]);
});

test("without the archive, or with another, only the submitted orders are known", async () => {
  const history = createHistory();
  const [bid] = ordinaryOrders(100);
  const spare = [1, 2].map((sequence) =>
    homeOrder(100, { ...bid!, limitPriceMicroPerKwh: 85_000, sequence }),
  );
  history.clear(100, [...ordinaryOrders(100), ...spare]);
  const archives: Sources["ordersOf"][] = [
    () => [],
    (areaId, intervalId) => history.ordersOf(areaId, intervalId).slice(0, -1),
    (areaId, intervalId) =>
      history.ordersOf(areaId, intervalId).map((order, i) => (i === 6 ? { ...order, energyWh: 1 } : order)),
  ];
  for (const ordersOf of archives) {
    await rebuild(store, history.events, projectorOf({ ...sourcesOf(history), ordersOf }));
    expect(await findInterval(store.db, KEY)).toMatchObject({ orders: 5, trades: 3, isBookComplete: false });
    expect(await listBook(store.db, { ...KEY, ...PAGE })).toHaveLength(5);
  }
});

test("an order that the chain refused is told with its reason, and is no part of the book", async () => {
  const history = createHistory();
  const order = { side: "bid", energyWh: 10, limitPriceMicroPerKwh: 299_000, sequence: 9 } as const;
  history.refuse(100, homeOrder(100, { participant: 4, ...order }), "InsufficientMargin");
  history.clear(100, ordinaryOrders(100));
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({ orders: 5, isBookComplete: true });
  const refused = await listOrders(db, { ...PAGE, status: "refused" });
  expect(refused).toMatchObject([
    { account: 4, sequence: 9, refusal: "InsufficientMargin", place: null, fillWh: null, step: null },
  ]);
  expect((await listBook(db, { ...KEY, ...PAGE })).map(({ sequence }) => sequence)).not.toContain(9);
});

test("what overflows a margin is free", async () => {
  const history = createHistory();
  const last = history.events.at(-1)!;
  const overflowed = {
    ...last,
    contract: "clearingHouse",
    kind: "marginOverflowed",
    logIndex: last.logIndex + 1,
    account: 4,
    market: DEPLOYMENT.contracts.poolMarket,
    amountMicro: 7n,
  } as const;
  await project(store, [...history.events, overflowed], projectorOf(sourcesOf(history)));
  expect(await findParticipant(store.db, 4)).toMatchObject({ freeMicro: 12n, marginMicro: 999_999_993n });
});

test("the margin in another market is apart from that in the pool", async () => {
  const history = createHistory();
  const last = history.events.at(-1)!;
  const other = { contract: "clearingHouse", account: 4, market: testAddress(0xbb) } as const;
  const added = {
    ...last,
    ...other,
    kind: "marginAdded",
    logIndex: last.logIndex + 1,
    amountMicro: 5n,
  } as const;
  await project(store, [...history.events, added], projectorOf(sourcesOf(history)));
  expect(await listMargins(store.db, [4])).toMatchObject([
    { market: DEPLOYMENT.contracts.poolMarket, marginMicro: 1_000_000_000n, escrowMicro: 0n },
    { market: other.market, marginMicro: 5n, escrowMicro: 0n },
  ]);
  expect(await findParticipant(store.db, 4)).toMatchObject({ freeMicro: 0n, marginMicro: 1_000_000_005n });
});

test("an interval without trades is untraded at its clearing, and billed by the tariff", async () => {
  const history = createHistory();
  const offer = {
    participant: 6,
    side: "offer",
    energyWh: 10,
    limitPriceMicroPerKwh: 90_000,
    sequence: 0,
  } as const;
  history.clear(100, [homeOrder(100, offer)]);
  history.publish(100, { 4: [1_000, 0] });
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({
    stage: "untraded",
    trades: 0,
    clearingPriceMicroPerKwh: null,
  });
  const [bill] = await sumBills(db, { account: 4, ...PAGE });
  expect(bill).toMatchObject({ marketBillMicro: 300_000n, tariffBillMicro: 300_000n, gridImportWh: 1_000n });
});

test("a voided interval gives all reserves back and is billed by the tariff", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, METERED);
  history.voidPage(plan);
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "voided" });
  for (const account of [1, ...HOMES])
    expect(await findParticipant(db, account)).toMatchObject({
      marginMicro: 1_000_000_000n,
      escrowMicro: 0n,
    });
  const bills = await sumBills(db, PAGE);
  expect(bills.map(({ savingMicro }) => savingMicro)).toEqual([0n, 0n, 0n, 0n]);
});

/** Homes on two pages: 4 and 5 buy what 770 and 771 sell. */
function clearTwoPages() {
  const history = createHistory({ homes: [4, 5, 770, 771] });
  const [first, second, ...rest] = ordinaryOrders(100);
  const offers = rest
    .filter(({ side }) => side === "offer")
    .map((offer) => homeOrder(100, { ...offer, participant: offer.participant + 764 }));
  const plan = history.clear(100, [first!, second!, ...offers], { maxStepOrders: 2 });
  expect(plan.steps.length).toBeGreaterThan(1);
  return { history, plan };
}

async function heldOf(db: Store["db"]) {
  const all = await listParticipants(db, PAGE);
  return {
    escrowMicro: all.reduce((sum, { escrowMicro }) => sum + escrowMicro, 0n),
    totalMicro: all.reduce((sum, p) => sum + p.freeMicro + p.marginMicro + p.escrowMicro, 0n),
  };
}

test("an interval of which a page is paid is settling, and what is open stays in escrow", async () => {
  const { history, plan } = clearTwoPages();
  history.publish(100, { 4: [450, 0], 5: [700, 0], 770: [0, 650], 771: [0, 100] });
  history.settle(plan, { page: 1 });
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "settling", settledAt: null });
  expect(await listIntervals(db, { stage: "settling", limit: 5 })).toHaveLength(1);
  expect((await findParticipant(db, 4))?.escrowMicro).toBe(97_500n);
  expect((await findParticipant(db, 770))?.escrowMicro).toBe(0n);
  history.settle(plan, { page: 0 });
  await project(store, history.events, projectorOf(sourcesOf(history)));
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "settled" });
  expect(await heldOf(db)).toEqual({ escrowMicro: 0n, totalMicro: 5n * 1_000_000_005n });
});

test.each([
  ["no reading of it was published", { 4: [450, 0], 5: [700, 0] }, 300n],
  ["a published reading of it says less", { 4: [450, 0], 5: [700, 0], 771: [0, 100] }, 100n],
  ["a published reading of it says more", { 4: [450, 0], 5: [700, 0], 771: [0, 320] }, 320n],
] as const)("a page that voidPage settles counts as contracted: %s", async (_what, metered, exportWh) => {
  const { history, plan } = clearTwoPages();
  history.publish(100, metered);
  history.settle(plan, { page: 0 });
  history.settle(plan, { page: 1, isContracted: true });
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "settled" });
  expect(await heldOf(db)).toEqual({ escrowMicro: 0n, totalMicro: 5n * 1_000_000_005n });
  const [bill] = await sumBills(db, { account: 771, ...PAGE });
  expect(bill).toMatchObject({
    soldWh: 300n,
    shortfallWh: 0n,
    exportWh,
    gridExportWh: exportWh > 300n ? 20n : 0n,
    paymentMicro: -52_500n,
    shortfallMicro: 0n,
    netMicro: -52_500n,
  });
  const moved = await listMovements(db, { account: 771, ...PAGE });
  expect(moved.map(({ kind }) => kind)).toEqual(["settled", "reserved", "marginAdded", "deposited"]);
  expect((await findParticipant(db, 771))?.marginMicro).toBe(1_000_000_000n + 52_500n);
});

test("an interval of which a page is given back is voiding, until all are", async () => {
  const { history, plan } = clearTwoPages();
  history.voidPage(plan, 1);
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "voiding", voidedAt: null });
  expect(await findParticipant(db, 770)).toMatchObject({ marginMicro: 1_000_000_000n, escrowMicro: 0n });
  expect((await findParticipant(db, 4))?.escrowMicro).toBe(97_500n);
  history.voidPage(plan, 0);
  await project(store, history.events, projectorOf(sourcesOf(history)));
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "voided" });
  expect(await heldOf(db)).toEqual({ escrowMicro: 0n, totalMicro: 5n * 1_000_000_005n });
});

test("readings that are not under the published root are told apart", async () => {
  const history = createHistory();
  history.publish(100, METERED);
  const changed = history.readings.map((reading) => ({ ...reading, importWh: reading.importWh + 1 }));
  const sources = { ...NO_SOURCES, readingsOf: () => changed };
  await project(store, history.events, projectorOf(sources));
  const list = await listReadings(store.db, { ...KEY, ...PAGE });
  expect(list.map(({ proof }) => proof)).toEqual(["unproven", "unproven", "unproven", "unproven"]);
  await rebuild(store, history.events, projectorOf(sourcesOf(history)));
  const proven = await listReadings(store.db, { ...KEY, ...PAGE });
  expect(proven.every(({ proof }) => proof === "published")).toBe(true);
});

test("without archive and tariff the settled readings still come from the chain", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, { ...METERED, 9: [5, 0] });
  history.settle(plan);
  await project(store, history.events, projectorOf(NO_SOURCES));
  const list = await listReadings(store.db, { ...KEY, ...PAGE });
  expect(list.map(({ account, proof }) => [account, proof])).toEqual(
    HOMES.map((account) => [account, "opened"]),
  );
  const [bill] = await sumBills(store.db, { account: 4, ...PAGE });
  expect(bill).toMatchObject({ linesWithoutTariff: 1, marketBillMicro: 0n });
});

test("rebuilt from the same events the database is identical, whatever came in between", async () => {
  const history = createHistory();
  for (const intervalId of [100, 101, 102]) {
    const plan = history.clear(intervalId, ordinaryOrders(intervalId));
    history.publish(intervalId, METERED);
    if (intervalId < 102) history.settle(plan);
  }
  const opened = await storeOf(history);
  const before = await dumpTables(opened);
  expect(await project(opened, history.events, projectorOf(sourcesOf(history)))).toEqual([]);
  await rebuild(opened, history.events.slice(0, 20), projectorOf(sourcesOf(history)));
  expect(await dumpTables(opened)).not.toEqual(before);
  await project(opened, history.events, projectorOf(sourcesOf(history)));
  expect(await dumpTables(opened)).toEqual(before);
});

test("lists of intervals go on where the page before ended", async () => {
  const history = createHistory();
  for (let intervalId = 100; intervalId < 107; intervalId += 1) history.publish(intervalId, METERED);
  const { db } = await storeOf(history);
  const first = await listIntervals(db, { limit: 4 });
  const last = first.at(-1);
  const second = await listIntervals(db, { limit: 4, before: last });
  expect([...first, ...second].map(({ intervalId }) => intervalId)).toEqual([
    106, 105, 104, 103, 102, 101, 100,
  ]);
});
