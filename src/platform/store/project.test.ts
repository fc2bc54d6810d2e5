import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { listMovements } from "#domains/accounts/queries/movements.ts";
import { findParticipant, listMargins, listParticipants } from "#domains/accounts/queries/participants.ts";
import { listBillLines, listBillLinesAfter, sumBills } from "#domains/billing/queries/bills.ts";
import { NO_SOURCES, projectorOf, type Sources } from "#domains/domains.ts";
import { listReadings } from "#domains/metering/queries/readings.ts";
import { findInterval, listIntervals } from "#domains/pool/queries/intervals.ts";
import { listBook, listOrders } from "#domains/pool/queries/orders.ts";
import { listTrades } from "#domains/pool/queries/trades.ts";
import { tradesOfCharges } from "#domains/pool/rules/poolCharges.ts";
import { positions, settledPages } from "#domains/pool/tables.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import { DEPLOYMENT, testAddress } from "#platform/chain/deployment.fixture.ts";
import { dumpTables } from "./dumpTables.ts";
import {
  accountOf,
  createHistory,
  HOMES,
  homeOrder,
  ordinaryOrders,
  seatIn,
} from "./marketHistory.fixture.ts";
import { openMemoryStore } from "./memoryStore.fixture.ts";
import { emptyStore, type Store } from "./openStore.ts";
import { project, rebuild } from "./project.ts";
import { listTransactions } from "./queries/transactions.ts";

const TARIFF = { feedInMicroPerKwh: 80_000, retailMicroPerKwh: 300_000 };
const PAGE = { limit: 500, offset: 0 };
const KEY = { areaId: 1, intervalId: 100 };
const [BUYER, SHORT] = [accountOf(4), accountOf(7)];
const METERED = { 4: [450, 0], 5: [700, 0], 6: [0, 650], 7: [0, 100] } as const;

let store: Store;

beforeAll(async () => {
  store = await openMemoryStore();
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
  expect((await findParticipant(db, accountOf(2)))?.marginMicro).toBe(
    (await findInterval(db, KEY))?.gridFeeMicro,
  );
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
    attempt: 0,
    termsVersion: 1,
    isSupplied: true,
    supplierReserveMicro: 72_000n,
  });
  const fills = (await listOrders(db, { ...KEY, ...PAGE })).map(({ member, account, side, fillWh }) => [
    member,
    account,
    side,
    fillWh,
  ]);
  expect(fills).toEqual([
    [4, 24, "bid", 500],
    [5, 25, "bid", 400],
    [5, 25, "bid", 0],
    [6, 26, "offer", 600],
    [7, 27, "offer", 300],
  ]);
  const trades = await listTrades(db, { account: accountOf(5), ...PAGE });
  const ofTrade = ({ buyer, buyerMember, seller, sellerMember, energyWh }: (typeof trades)[number]) => [
    [buyer, buyerMember],
    [seller, sellerMember],
    energyWh,
  ];
  expect(trades.map(ofTrade)).toEqual([
    [[25, 5], [26, 6], 100],
    [[25, 5], [27, 7], 300],
  ]);
  expect((await findParticipant(db, BUYER))?.escrowMicro).toBe(87_500n + 10_000n);
});

test("a shortfall is charged and the bill adds up", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, METERED);
  history.settle(plan);
  const { db } = await storeOf(history);
  const [bill] = await sumBills(db, { account: SHORT, ...PAGE });
  expect(bill).toMatchObject({
    charges: [
      { kind: "pool.trades", energyWh: -300n, amountMicro: -52_500n },
      { kind: "pool.shortfall", energyWh: 200n, amountMicro: 66_000n },
    ],
    exportWh: 100n,
    gridExportWh: 0n,
    netMicro: 13_500n,
    tariffBillMicro: -8_000n,
    savingMicro: -21_500n,
  });
  const moved = await listMovements(db, { account: SHORT, ...PAGE });
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
  expect(book.map(({ member, side, place, step, fillWh }) => [member, side, place, step, fillWh])).toEqual([
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
  history.refuse(100, homeOrder(100, { participant: 4, ...order }), "MarginsFallShort");
  history.clear(100, ordinaryOrders(100));
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({ orders: 5, isBookComplete: true });
  const refused = await listOrders(db, { ...PAGE, status: "refused" });
  expect(refused).toMatchObject([
    {
      member: 4,
      account: BUYER,
      sequence: 9,
      refusal: "MarginsFallShort",
      place: null,
      fillWh: null,
      step: null,
    },
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
    seat: seatIn(4),
    market: DEPLOYMENT.contracts.poolMarket,
    amountMicro: 7n,
  } as const;
  await project(store, [...history.events, overflowed], projectorOf(sourcesOf(history)));
  expect(await findParticipant(store.db, BUYER)).toMatchObject({ freeMicro: 12n, marginMicro: 999_999_993n });
});

test("the margin in another market is apart from that in the pool", async () => {
  const history = createHistory();
  const last = history.events.at(-1)!;
  const other = { contract: "clearingHouse", seat: seatIn(4), market: testAddress(0xbb) } as const;
  const added = {
    ...last,
    ...other,
    kind: "marginAdded",
    logIndex: last.logIndex + 1,
    amountMicro: 5n,
  } as const;
  await project(store, [...history.events, added], projectorOf(sourcesOf(history)));
  expect(await listMargins(store.db, [BUYER])).toMatchObject([
    { market: DEPLOYMENT.contracts.poolMarket, marginMicro: 1_000_000_000n, escrowMicro: 0n },
    { market: other.market, marginMicro: 5n, escrowMicro: 0n },
  ]);
  expect(await findParticipant(store.db, BUYER)).toMatchObject({
    freeMicro: 0n,
    marginMicro: 1_000_000_005n,
  });
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
    isSupplied: null,
  });
  const [bill] = await sumBills(db, { account: BUYER, ...PAGE });
  expect(bill).toMatchObject({ marketBillMicro: 300_000n, tariffBillMicro: 300_000n, gridImportWh: 1_000n });
});

test("an interval for which no readings came is returned: all have what they had, and what comes later is billed by the tariff", async () => {
  const history = createHistory();
  history.returnPage(history.clear(100, ordinaryOrders(100)));
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "returned", returnedAt: expect.any(Number) });
  await expectAllAsBefore(db);
  expect(await sumBills(db, PAGE)).toEqual([]);
  history.publish(100, METERED);
  await project(store, history.events, projectorOf(sourcesOf(history)));
  const readings = await listReadings(db, { ...KEY, ...PAGE });
  expect(readings.map(({ proof }) => proof)).toEqual(HOMES.map(() => "published"));
  const bills = await sumBills(db, PAGE);
  expect(bills.map(({ savingMicro }) => savingMicro)).toEqual([0n, 0n, 0n, 0n]);
});

async function expectAllAsBefore(db: Store["db"]): Promise<void> {
  for (const member of [1, ...HOMES])
    expect(await findParticipant(db, accountOf(member))).toMatchObject({
      marginMicro: 1_000_000_000n,
      escrowMicro: 0n,
    });
}

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
  history.settle(plan, { page: 3 });
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "settling", settledAt: null });
  expect(await listIntervals(db, { stage: "settling", limit: 5 })).toHaveLength(1);
  expect((await findParticipant(db, BUYER))?.escrowMicro).toBe(97_500n);
  expect((await findParticipant(db, accountOf(770)))?.escrowMicro).toBe(0n);
  history.settle(plan, { page: 0 });
  await project(store, history.events, projectorOf(sourcesOf(history)));
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "settled" });
  expect(await heldOf(db)).toEqual({ escrowMicro: 0n, totalMicro: 5n * 1_000_000_005n });
});

test("a member without a reading counts as zero when all waiting is over, and the others by their meters", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, { 5: [700, 0], 6: [0, 650] });
  history.settle(plan);
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "settled" });
  expect(await heldOf(db)).toEqual({ escrowMicro: 0n, totalMicro: 5n * 1_000_000_005n });
  const lines = await listBillLines(db, PAGE);
  expect(lines.map(({ member, isReadingMissing }) => [member, isReadingMissing])).toEqual([
    [4, true],
    [5, false],
    [6, false],
    [7, true],
  ]);
  expect(lines[0]).toMatchObject({
    importWh: 0n,
    charges: [
      { kind: "pool.trades", energyWh: 500n },
      { kind: "pool.surplus", energyWh: -500n },
    ],
  });
  expect(lines[3]).toMatchObject({
    exportWh: 0n,
    charges: [
      { kind: "pool.trades", energyWh: -300n },
      { kind: "pool.shortfall", energyWh: 300n, amountMicro: 99_000n },
    ],
  });
  const [page] = await db.select().from(settledPages);
  expect(page?.missing).toBe((1n << 4n) | (1n << 7n));
});

test("a reading that comes after its member was settled as zero is billed by the tariff; the settlement stands", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, { 5: [700, 0], 6: [0, 650], 7: [0, 100] });
  history.settle(plan);
  history.publish(100, METERED);
  const { db } = await storeOf(history);
  const [line, other] = await listBillLines(db, PAGE);
  expect(line).toMatchObject({
    member: 4,
    isReadingMissing: true,
    importWh: 450n,
    gridImportWh: 450n,
    // 500 Wh at 0.175, all of them credited at the surplus price of 0.08.
    netMicro: 87_500n - 40_000n,
    beyondMicro: 135_000n,
  });
  expect(other).toMatchObject({ member: 5, isReadingMissing: false, gridImportWh: 300n });
  expect(await heldOf(db)).toEqual({ escrowMicro: 0n, totalMicro: 5n * 1_000_000_005n });
});

test("what other markets claimed of a reading before counts there", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, METERED);
  const claimant = testAddress(0xcc);
  const claimed = { ...KEY, claimant } as const;
  history.add(
    101 * 900,
    { kind: "pageClaimed", ...claimed, page: 0, members: 1n << 4n },
    { kind: "readingClaimed", ...claimed, member: 6, claimPurpose: 1, energyWh: 150n },
    { kind: "readingClaimed", ...claimed, member: 7, claimPurpose: 2, energyWh: 100n },
  );
  const events = [...history.events];
  history.settle(plan);
  const settled = history.events.slice(events.length).map((event) => {
    if (event.kind !== "pageSettled") return event;
    // Of member 4 nothing counts, and so no grid fee is due for it.
    return { ...event, gridFeeMicro: event.gridFeeMicro - 9_000n };
  });
  await project(store, [...events, ...settled], projectorOf(sourcesOf(history)));
  const lines = await listBillLines(store.db, PAGE);
  const trades = lines.map(({ charges }) => tradesOfCharges(charges));
  expect(trades.map(({ unconsumedWh, shortfallWh }) => [unconsumedWh, shortfallWh])).toEqual([
    [500n, 0n],
    [0n, 0n],
    [0n, 100n],
    [0n, 200n],
  ]);
});

test("a page that is settled through another contract is billed by the readings of the archive", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, METERED);
  history.settle(plan);
  const hidden = history.events.map((event) =>
    event.kind === "pageSettled" ? { ...event, submission: null } : event,
  );
  await project(store, hidden, projectorOf(sourcesOf(history)));
  expect(await heldOf(store.db)).toEqual({ escrowMicro: 0n, totalMicro: 5n * 1_000_000_005n });
});

test("an unsupplied interval reserves nothing of the supplier, and what is not used earns nothing", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100), { isSupplied: false });
  history.publish(100, METERED);
  history.settle(plan);
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({
    stage: "settled",
    isSupplied: false,
    supplierReserveMicro: 0n,
  });
  const [buyer] = await listBillLines(db, { account: BUYER, ...PAGE });
  expect(buyer?.charges).toContainEqual({ kind: "pool.surplus", energyWh: -50n, amountMicro: 0n });
  expect(await heldOf(db)).toEqual({ escrowMicro: 0n, totalMicro: 5n * 1_000_000_005n });
});

describe.each(["uniform", "midpoint", "marginal"] as const)("a clearing in steps, %s", (pricing) => {
  test("moves after each step what the clearing house moved", async () => {
    const history = createHistory({ pricing });
    history.clear(100, ordinaryOrders(100), { maxStepOrders: 2 });
    let escrowMicro = 0n;
    let steps = 0;
    for (let number = 1; number <= history.events.at(-1)!.block; number += 1) {
      const block = history.events.filter((event) => event.block === number);
      await project(store, block, projectorOf(sourcesOf(history)));
      for (const event of block) {
        if (event.kind === "held") escrowMicro += event.amountMicro;
        if (event.kind === "released") escrowMicro -= event.amountMicro;
        if (event.kind === "stepVerified" || event.kind === "intervalCleared") steps += 1;
      }
      expect((await heldOf(store.db)).escrowMicro).toBe(escrowMicro);
    }
    expect(steps).toBeGreaterThan(1);
  });

  test("that was given up leaves nothing, and the next one counts", async () => {
    const history = createHistory({ pricing });
    const unfinished = history.clear(100, ordinaryOrders(100), { maxStepOrders: 2, onlySteps: 1 });
    const { db } = await storeOf(history);
    expect(await findInterval(db, KEY)).toMatchObject({ stage: "clearing", attempt: 0, steps: 1 });
    expect((await heldOf(db)).escrowMicro).toBeGreaterThan(0n);
    history.abandon(unfinished);
    await project(store, history.events, projectorOf(sourcesOf(history)));
    expect(await findInterval(db, KEY)).toMatchObject({
      stage: "collecting",
      attempt: 1,
      steps: 0,
      orders: 0,
      abandonedAt: expect.any(Number),
      supplierReserveMicro: 0n,
    });
    await expectAllAsBefore(db);
    const waiting = await listOrders(db, { ...KEY, ...PAGE });
    expect(waiting.every(({ step, transactionHash }) => step === null && transactionHash === null)).toBe(
      true,
    );
    expect(waiting.length).toBeGreaterThan(0);
    const plan = history.clear(100, ordinaryOrders(100).slice(0, 4));
    history.publish(100, METERED);
    history.settle(plan);
    await project(store, history.events, projectorOf(sourcesOf(history)));
    expect(await findInterval(db, KEY)).toMatchObject({ stage: "settled", attempt: 1, steps: 1, trades: 3 });
    expect(await heldOf(db)).toEqual({ escrowMicro: 0n, totalMicro: 5n * 1_000_000_005n });
    const submitted = await listOrders(db, { ...KEY, ...PAGE });
    expect(submitted.filter(({ transactionHash }) => transactionHash !== null)).toHaveLength(4);
    expect((await db.select().from(positions)).every(({ attempt }) => attempt === 1)).toBe(true);
  });
});

test("readings that are published while a clearing is unfinished set nobody apart", async () => {
  const history = createHistory();
  const unfinished = history.clear(100, ordinaryOrders(100), { maxStepOrders: 2, onlySteps: 1 });
  history.publish(100, METERED);
  const { db } = await storeOf(history);
  const readings = await listReadings(db, { ...KEY, ...PAGE });
  expect(readings.map(({ proof }) => proof)).toEqual(HOMES.map(() => "published"));
  const lines = await listBillLines(db, PAGE);
  expect(lines.map(({ member, charges }) => [member, charges])).toEqual(HOMES.map((member) => [member, []]));
  history.abandon(unfinished);
  await project(store, history.events, projectorOf(sourcesOf(history)));
  await expectAllAsBefore(db);
});

test("an account has members in two areas, and two in one: each has its own margin and its own line", async () => {
  const history = createHistory({ homes: [4, 5, 6, 7, 8], ownerOf: (member) => (member === 8 ? 4 : member) });
  history.openMeteredArea(2, { 4: 4 });
  const offer = { participant: 8, side: "offer", energyWh: 100, limitPriceMicroPerKwh: 90_000 } as const;
  const plan = history.clear(100, [...ordinaryOrders(100), homeOrder(100, { ...offer, sequence: 0 })]);
  history.publish(100, { ...METERED, 8: [0, 100] });
  history.publishIn(2, 100, { 4: [20, 0] });
  history.settle(plan);
  const { db } = await storeOf(history);
  const lines = await listBillLines(db, { account: BUYER, ...PAGE });
  const traded = lines.map(({ areaId, member, charges }) => {
    const { boughtWh, soldWh } = tradesOfCharges(charges);
    return [areaId, member, boughtWh, soldWh];
  });
  expect(traded).toEqual([
    [1, 4, 500n, 0n],
    [1, 8, 0n, 100n],
    [2, 4, 0n, 0n],
  ]);
  const margins = await listMargins(db, [BUYER]);
  expect(margins.map(({ seat }) => seat)).toEqual([seatIn(4), seatIn(8)]);
  expect(new Set(margins.map(({ marginMicro }) => marginMicro)).size).toBe(2);
  const [bill] = await sumBills(db, { account: BUYER, ...PAGE });
  expect(bill).toMatchObject({ intervals: 3, importWh: 470n });
  expect(bill?.charges.filter(({ kind }) => kind === "pool.trades").map(({ energyWh }) => energyWh)).toEqual([
    500n,
    -100n,
  ]);
  const after = lines[0]!;
  const rest = await listBillLinesAfter(db, { account: BUYER, after, limit: 5 });
  expect(rest.map(({ areaId, member }) => [areaId, member])).toEqual([
    [1, 8],
    [2, 4],
  ]);
});

test("a transaction of two intervals counts for both, its gas in equal parts", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, METERED);
  history.settle(plan);
  history.clear(101, ordinaryOrders(101));
  const settled = history.events.findLast(({ kind }) => kind === "intervalSettled")!;
  const joined = history.events.map((event) =>
    event.block === settled.block + 1
      ? { ...event, ...placeOf(settled), logIndex: settled.logIndex + 1 + event.logIndex }
      : event,
  );
  await project(store, joined, projectorOf(sourcesOf(history)));
  const own = (intervalId: number) => listTransactions(store.db, { areaId: 1, intervalId });
  expect((await own(101)).map(({ hash }) => hash)).toEqual([settled.transactionHash]);
  expect((await own(100)).map(({ hash }) => hash)).toContain(settled.transactionHash);
  const gas = await Promise.all(
    [100, 101].map(
      async (intervalId) => (await findInterval(store.db, { areaId: 1, intervalId }))?.gasUsed ?? 0n,
    ),
  );
  const all = (await own(100)).reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
  expect(gas[0]! + gas[1]!).toBe(all);
});

function placeOf({ block, blockHash, transactionHash, gasUsed, timestamp }: ChainEvent) {
  return { block, blockHash, transactionHash, gasUsed, timestamp };
}

test("an interval of which a page is given back is returning, until all are", async () => {
  const { history, plan } = clearTwoPages();
  history.returnPage(plan, 3);
  const { db } = await storeOf(history);
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "returning", returnedAt: null });
  expect(await findParticipant(db, accountOf(770))).toMatchObject({
    marginMicro: 1_000_000_000n,
    escrowMicro: 0n,
  });
  expect((await findParticipant(db, BUYER))?.escrowMicro).toBe(97_500n);
  history.returnPage(plan, 0);
  await project(store, history.events, projectorOf(sourcesOf(history)));
  expect(await findInterval(db, KEY)).toMatchObject({ stage: "returned" });
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
  history.publish(100, METERED);
  history.settle(plan);
  await project(store, history.events, projectorOf(NO_SOURCES));
  const list = await listReadings(store.db, { ...KEY, ...PAGE });
  expect(list.map(({ member, account, proof }) => [member, account, proof])).toEqual(
    HOMES.map((member) => [member, accountOf(member), "opened"]),
  );
  const [bill] = await sumBills(store.db, { account: BUYER, ...PAGE });
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
  const first = history.events.filter(({ block }) => block <= 15);
  await rebuild(opened, first, projectorOf(sourcesOf(history)));
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
