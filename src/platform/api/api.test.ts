import { afterAll, beforeAll, expect, test } from "vitest";
import { readingContext } from "#domains/metering/rules/readingTree.ts";
import { rootOfShown } from "#domains/metering/rules/shownReadings.ts";
import { bookRootOf, sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import { orderSigner, poolSeparator, unpackOrders } from "#domains/pool/rules/signedOrder.ts";
import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { homeOrder, keyOf, OPERATOR_KEY } from "#platform/store/marketHistory.fixture.ts";
import { type ApiFixture, NOW, openApiFixture } from "./api.fixture.ts";

let api: ApiFixture;
let operator: SignedIn;

beforeAll(async () => {
  api = await openApiFixture();
  operator = await signIn(api.app, OPERATOR_KEY);
});
afterAll(() => api.close());

async function get(url: string, headers: Partial<SignedIn> = {}) {
  const answer = await api.app.inject({ method: "GET", url, headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

function orderBody(changes: object = {}) {
  const { participant, signature, ...order } = homeOrder(104, {
    participant: 4,
    side: "bid",
    energyWh: 250,
    limitPriceMicroPerKwh: 200_000,
    sequence: 0,
  });
  return {
    areaId: 1,
    intervalId: 104,
    member: participant,
    ...order,
    signature: toHex(signature),
    ...changes,
  };
}

const send = (payload: object) => api.app.inject({ method: "POST", url: "/v1/orders", payload });

test("settled intervals come with price, energy and money in decimal strings", async () => {
  const { intervals, next } = await get("/v1/intervals?status=settled&limit=5");
  expect(next).toBeNull();
  expect(intervals.map(({ intervalId }: { intervalId: number }) => intervalId)).toEqual([101, 100]);
  expect(intervals[0]).toMatchObject({
    status: "settled",
    clearedWh: "900",
    clearingPriceMicroPerKwh: "175000",
    price: {
      energyMicroPerKwh: "175000",
      gridFeeMicroPerKwh: "20000",
      totalMicroPerKwh: "195000",
      retailMicroPerKwh: "300000",
    },
    orders: 5,
    trades: 3,
    readings: { version: 1, meters: 4 },
  });
});

test("pages of intervals follow one another without gap or repetition", async () => {
  const first = await get("/v1/intervals?limit=2");
  const second = await get(`/v1/intervals?limit=2&before=${first.next}`);
  const ids = [...first.intervals, ...second.intervals].map(({ intervalId }) => intervalId);
  expect(ids).toEqual([102, 101, 100]);
  expect(second.next).toBeNull();
});

test("prices show the current and the next interval with their components (R2.50)", async () => {
  const { areas } = await get("/v1/prices");
  expect(areas).toHaveLength(1);
  expect(areas[0].current).toMatchObject({
    intervalId: 102,
    status: "cleared",
    price: { totalMicroPerKwh: "195000" },
  });
  expect(areas[0].next).toMatchObject({
    intervalId: 103,
    status: "collecting",
    gateClosesAt: 103 * 900 - 300,
    price: { energyMicroPerKwh: null, gridFeeMicroPerKwh: "20000", ceilingMicroPerKwh: "300000" },
  });
});

test("a signed order is accepted once, and can be seen open", async () => {
  const accepted = await send(orderBody());
  expect(accepted.statusCode, accepted.body).toBe(201);
  const { orderId } = accepted.json();
  expect(accepted.headers.location).toBe(`/v1/orders/${orderId}`);
  expect(await get(`/v1/orders/${orderId}`, operator)).toMatchObject({
    status: "open",
    member: 4,
    account: 24,
    energyWh: "250",
  });
  expect((await get("/v1/orders?intervalId=104", operator)).orders).toHaveLength(1);
  const again = await send(orderBody());
  expect(again.statusCode).toBe(409);
  expect(again.headers["content-type"]).toContain("application/problem+json");
  expect(again.json()).toMatchObject({ status: 409, reason: "duplicateId", orderId });
});

test("a signature of 65 bytes and numbers in strings are accepted as well", async () => {
  const { energyWh: _energyWh, ...body } = orderBody();
  const order = homeOrder(104, {
    participant: 5,
    side: "bid",
    energyWh: 250,
    limitPriceMicroPerKwh: 200_000,
    sequence: 0,
  });
  const bytes = Uint8Array.from([...order.signature, 27 + ((order.signature[32] ?? 0) >> 7)]);
  bytes[32] = (bytes[32] ?? 0) & 0x7f;
  const accepted = await send({ ...body, member: 5, energyWh: "250", signature: toHex(bytes) });
  expect(accepted.statusCode, accepted.body).toBe(201);
});

test.each([
  [{ energyWh: 251, sequence: 3 }, 422, "invalidSignature"],
  [{ intervalId: 102 }, 409, "gateClosed"],
  [{ intervalId: 4_000_000_000 }, 422, "intervalTooFar"],
  [{ areaId: 2 }, 422, "unknownArea"],
  [{ member: 99 }, 422, "unknownParticipant"],
  [{ energyWh: 0 }, 422, "zeroEnergy"],
  [{ limitPriceMicroPerKwh: -5 }, 422, "priceOutsideBand"],
  [{ signature: `0x${"ff".repeat(65)}` }, 422, "malformedSignature"],
  [{ signature: `0x${"00".repeat(64)}`, sequence: 9 }, 422, "invalidSignature"],
  [{ signature: "0x12" }, 400, "invalidRequest"],
  [{ energyWh: 1.5 }, 400, "invalidRequest"],
  [{ energyWh: -1 }, 400, "invalidRequest"],
  [{ sequence: 16 }, 400, "invalidRequest"],
  [{ account: 24 }, 400, "invalidRequest"],
  [{ side: "ask" }, 400, "invalidRequest"],
  [{ surprise: 1 }, 400, "invalidRequest"],
])("an order with %o is refused with %i %s", async (change, status, reason) => {
  const refused = await send(orderBody(change));
  expect(refused.statusCode, refused.body).toBe(status);
  expect(refused.headers["content-type"]).toContain("application/problem+json");
  expect(refused.json()).toMatchObject({ status, reason });
});

test("orders of an interval carry their fills and the transaction that submitted them", async () => {
  const { orders } = await get("/v1/intervals/1/100/orders");
  expect(orders.map(({ status }: { status: string }) => status)).toEqual([
    "filled",
    "filled",
    "unfilled",
    "filled",
    "partlyFilled",
  ]);
  expect(orders[0].signer).toBe(addressOfKey(keyOf(4)));
  expect(await get(`/v1/orders/${orders[0].orderId.toUpperCase().replace("0X", "0x")}`)).toEqual(orders[0]);
  expect((await get("/v1/participants/24/orders?limit=500", operator)).orders).toHaveLength(4);
});

test("an order that was not submitted is in the book of its interval, without a transaction", async () => {
  expect(await get("/v1/intervals/1/102")).toMatchObject({ orders: 6, trades: 3, isBookComplete: true });
  const { orders } = await get("/v1/intervals/1/102/orders");
  expect(orders).toHaveLength(6);
  const unsubmitted = orders.filter(({ transactionHash }: { transactionHash: string }) => !transactionHash);
  expect(unsubmitted).toMatchObject([
    {
      member: 7,
      account: 27,
      side: "offer",
      status: "unfilled",
      fillWh: "0",
      refusal: null,
      submittedAt: null,
    },
  ]);
  expect(unsubmitted[0].receivedAt).toBeLessThan(102 * 900 - 300);
});

test("an order that the chain refused is found with the reason", async () => {
  const { orders } = await get("/v1/orders?status=refused");
  expect(orders).toMatchObject([
    { member: 7, account: 27, intervalId: 102, status: "refused", refusal: "MarginsFallShort", fillWh: null },
  ]);
  expect(await get(`/v1/orders/${orders[0].orderId}`)).toEqual(orders[0]);
  const own = await get("/v1/participants/27/orders?status=refused");
  expect(own.orders).toEqual(orders);
  expect((await get("/v1/orders?status=refused&account=24")).orders).toEqual([]);
});

test("orders are listed by what became of them", async () => {
  const count = async (status: string) => (await get(`/v1/orders?status=${status}`)).orders.length;
  expect(await count("filled")).toBe(9);
  expect(await count("partlyFilled")).toBe(3);
  expect(await count("unfilled")).toBe(4);
  expect(await count("submitted")).toBe(0);
  const open = (await get("/v1/orders?status=open", operator)).orders;
  expect(open.every(({ status }: { status: string }) => status === "open")).toBe(true);
  const unknown = await api.app.inject("/v1/orders?status=lost");
  expect(unknown.statusCode).toBe(400);
});

type Charge = { readonly amountMicro: string };

test("bills add up and compare with the tariff", async () => {
  const { bill, lines } = await get("/v1/participants/27/bills", operator);
  expect(lines).toHaveLength(2);
  const sum = (name: string) => lines.reduce((total: bigint, line: never) => total + BigInt(line[name]), 0n);
  const charged = (charges: Charge[]) => charges.reduce((all, each) => all + BigInt(each.amountMicro), 0n);
  expect(bill).toMatchObject({
    netMicro: String(sum("netMicro")),
    tariffBillMicro: String(sum("tariffMicro")),
    marketBillMicro: String(sum("netMicro") + sum("beyondMicro")),
  });
  expect(bill.charges).toContainEqual({
    kind: "pool.shortfall",
    energyWh: "400",
    amountMicro: "132000",
    words: "sold and not delivered",
  });
  expect(charged(bill.charges)).toBe(sum("netMicro"));
  for (const { charges, netMicro } of lines) expect(charged(charges)).toBe(BigInt(netMicro));
  // What was paid and what was received, apart: the same sums to the micro.
  const of = (name: string) => BigInt(bill[name]);
  expect(of("gridMicro") - of("feedInMicro")).toBe(sum("beyondMicro"));
  expect((await get("/v1/bills", operator)).bills).toHaveLength(4);
  const { bill: none } = await get("/v1/participants/27/bills?from=0&to=100", operator);
  expect(none).toBeNull();
});

test("participants, trades, readings and areas are listed", async () => {
  expect((await get("/v1/participants")).participants).toHaveLength(7);
  expect(await get("/v1/participants/24")).toMatchObject({
    account: 24,
    members: [{ areaId: 1, member: 4, capacityW: 17_250, party: null }],
    freeMicro: "5",
  });
  const parties = await Promise.all([21, 22, 23].map((account) => get(`/v1/participants/${account}`)));
  expect(parties.map(({ members }) => members[0].party)).toEqual(["supplier", "dso", "fund"]);
  const { movements } = await get("/v1/participants/27/movements?limit=2", operator);
  expect(movements.map(({ kind }: { kind: string }) => kind)).toEqual(["reserved", "settled"]);
  const { meters } = await get("/v1/participants/24/devices", operator);
  expect(meters).toMatchObject([
    {
      areaId: 1,
      member: 4,
      devices: [{ deviceKey: addressOfKey(keyOf(4)), validFrom: 1_200, validUntil: null }],
    },
  ]);
  expect((await get("/v1/trades?account=26")).trades).toHaveLength(6);
  expect((await get("/v1/intervals/1/101/trades")).trades).toHaveLength(3);
  expect((await get("/v1/readings?intervalId=100")).readings).toHaveLength(4);
  expect((await get("/v1/intervals/1/100/readings?limit=2&offset=3")).readings).toHaveLength(1);
  const { readings } = await get("/v1/participants/26/readings", operator);
  expect(readings[0]).toMatchObject({ exportWh: "650", proof: "opened", quality: "measured" });
  expect((await get("/v1/areas")).areas[0]).toEqual(await get("/v1/areas/1"));
});

test("an area tells its parties as accounts and members, and the terms in force with who stands for them", async () => {
  const area = await get("/v1/areas/1");
  expect(area).toMatchObject({
    accounts: { supplier: 21, dso: 22, fund: 23 },
    members: { supplier: 1, dso: 2, fund: 3 },
    waitingSeconds: 86_400,
    terms: {
      version: 1,
      fromInterval: 0,
      intervalSeconds: 900,
      supply: { member: 1, operator: addressOfKey(OPERATOR_KEY), untilInterval: null },
    },
  });
  expect(area.versions).toEqual([area.terms]);
});

test("terms that are announced hold from their first interval on", async () => {
  const own = await openApiFixture();
  const terms = { ...own.history.terms, gridFeeMicroPerKwh: 30_000n };
  own.history.add(NOW, { kind: "termsAnnounced", areaId: 1, version: 2, fromInterval: 103, terms });
  own.history.add(NOW, { kind: "supplyWithdrawn", areaId: 1, version: 1, fromInterval: 103 });
  await own.follow();
  const area = (await own.app.inject("/v1/areas/1")).json();
  expect([area.terms.version, area.versions[1].version]).toEqual([1, 2]);
  expect([area.terms.supply.untilInterval, area.versions[1].supply]).toEqual([103, null]);
  const prices = (await own.app.inject("/v1/prices")).json();
  const [{ current, next }] = prices.areas;
  expect([current.price.gridFeeMicroPerKwh, next.price.gridFeeMicroPerKwh]).toEqual(["20000", "30000"]);
  await own.close();
});

test("an interval says which attempt it is of, by which terms, and whether it is supplied", async () => {
  expect(await get("/v1/intervals/1/101")).toMatchObject({
    attempt: 0,
    abandonedAt: null,
    termsVersion: 1,
    isSupplied: true,
    returnedAt: null,
  });
});

test("the evidence of an interval suffices to check signatures and readings", async () => {
  const evidence = await get("/v1/intervals/1/100/evidence");
  const separator = poolSeparator(evidence.chainId, evidence.poolMarket);
  const context = { separator, areaId: 1, intervalId: 100 };
  const [step] = evidence.steps;
  for (const side of ["bid", "offer"] as const)
    for (const order of unpackOrders(fromHex(step[`${side}s`]), side))
      expect(orderSigner(order, context)).toBe(addressOfKey(keyOf(order.participant)));
  expect(evidence.book).toEqual({ root: bookRootOf(bookOf(evidence), context), ...NOTHING_ELSE });
  const [page] = evidence.pages;
  const [lists, opened] = [page.shown.lists.map(BigInt), page.shown.opened.map(BigInt)];
  expect(opened).toEqual([0b1111_0000n, 0n]);
  const [published] = evidence.readings;
  expect(page.version).toBe(published.version);
  const tag = readingContext({ ...evidence, version: page.version });
  expect(rootOfShown(page.page, { ...page.shown, lists, opened }, tag)).toBe(published.root);
  expect(evidence.poolMarket).toBe(DEPLOYMENT.contracts.poolMarket);
  expect(evidence.transactions).toHaveLength(3);
});

test("the evidence of an interval has the orders that were not submitted", async () => {
  const evidence = await get("/v1/intervals/1/102/evidence");
  const context = {
    separator: poolSeparator(evidence.chainId, evidence.poolMarket),
    areaId: 1,
    intervalId: 102,
  };
  expect(unpackOrders(fromHex(evidence.book.offers), "offer")).toMatchObject([
    { participant: 7, energyWh: 30 },
  ]);
  expect(evidence.book).toMatchObject({ isComplete: true, bids: "0x" });
  expect(evidence.book.root).toBe(bookRootOf(bookOf(evidence), context));
  expect(evidence.steps[0].outcome).toMatchObject({ bookRoot: evidence.book.root });
});

type Packed = { bids: Hex; offers: Hex };
const NOTHING_ELSE = { signers: [], isComplete: true, bids: "0x", offers: "0x" };

/** The whole book of an interval, from its evidence alone. */
function bookOf({ steps, book }: { steps: Packed[]; book: Packed }) {
  const orders = [...steps, book].flatMap(({ bids, offers }) => [
    ...unpackOrders(fromHex(bids), "bid"),
    ...unpackOrders(fromHex(offers), "offer"),
  ]);
  return sortByMerit(orders);
}

test("/docs, /health and /metrics answer", async () => {
  expect(await get("/health")).toEqual({ status: "up" });
  expect((await api.app.inject("/docs/")).statusCode).toBe(200);
  const { paths } = await get("/docs/json");
  expect(Object.keys(paths)).toContain("/v1/intervals/{areaId}/{intervalId}/evidence");
  const metrics = await api.app.inject("/metrics");
  expect(metrics.body).toContain("commonwatt_trades 9");
  expect(metrics.body).toMatch(
    /commonwatt_http_requests_total\{method="GET",route="\/health",status="200"\} \d/,
  );
});

test("/ready says what is missing", async () => {
  expect(await get("/ready")).toMatchObject({ status: "ready" });
  const missing = await openApiFixture({
    readiness: async () => [{ name: "chain", isReady: false, detail: "no chain answers" }],
  });
  const answer = await missing.app.inject("/ready");
  await missing.close();
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({
    status: "notReady",
    checks: [{ name: "database" }, { isReady: false }],
  });
});
