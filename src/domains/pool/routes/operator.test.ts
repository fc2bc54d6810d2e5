import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { incidentReports } from "#community/incidentReports.ts";
import { reportSession } from "#domains/charging/sessionIncidents.ts";
import { type ApiFixture, NOW, openApiFixture } from "#platform/api/api.fixture.ts";
import type { ReadinessCheck } from "#platform/api/apiContext.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { createIncidents } from "#platform/runtime/incidents.ts";
import {
  accountOf,
  INTERVAL_SECONDS,
  keyOf,
  OPERATOR_KEY,
  ordinaryOrders,
  WAITING_SECONDS,
} from "#platform/store/marketHistory.fixture.ts";

let api: ApiFixture;
let operator: SignedIn;
let time: number;
let checks: ReadinessCheck[];
let incidents: ReturnType<typeof createIncidents>;

const endOf = (intervalId: number) => (intervalId + 1) * INTERVAL_SECONDS;

beforeAll(async () => {
  incidents = createIncidents(() => time);
  api = await openApiFixture({
    now: () => time,
    incidents: { list: () => incidents.list() },
    readiness: async () => checks,
    processedPerHour: () => 1_234.5,
  });
  operator = await signIn(api.app, OPERATOR_KEY);
});
afterAll(() => api?.close());
beforeEach(() => {
  time = NOW;
  checks = [{ name: "market operator", isReady: true, detail: "last cleared interval 102" }];
  incidents = createIncidents(() => time);
});

type Exception = {
  kind: string;
  severity: string;
  at: number;
  title: string;
  detail: string;
  whatToDo: string;
  subject: Record<string, unknown>;
};

async function look(url = "/v1/operator") {
  const answer = await api.app.inject({ url, headers: operator });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

async function exceptions(kind?: string): Promise<Exception[]> {
  const list: Exception[] = (await look()).exceptions;
  for (const { title, detail, whatToDo } of list)
    for (const words of [title, detail, whatToDo]) expect(words).not.toMatch(/undefined|null|NaN|\[object/);
  return kind === undefined ? list : list.filter((each) => each.kind === kind);
}

test("is for the operator of the area alone", async () => {
  const home = await signIn(api.app, keyOf(4));
  const statuses = [];
  for (const headers of [{}, home, operator])
    statuses.push((await api.app.inject({ url: "/v1/operator", headers })).statusCode);
  expect(statuses).toEqual([401, 403, 200]);
  expect((await api.app.inject({ url: "/v1/operator?areaId=2", headers: operator })).statusCode).toBe(403);
});

test("spending and throughput add up to what intervals and transactions say", async () => {
  const { now, health, spending, throughput } = await look("/v1/operator?areaId=1");
  expect(now).toBe(NOW);
  expect(health).toEqual([
    { name: "database", isReady: true, detail: "answers" },
    { name: "market operator", isReady: true, detail: "last cleared interval 102" },
  ]);
  const transactions = new Map(api.history.events.map((event) => [event.transactionHash, event]));
  const sum = (list: { gasUsed: bigint }[]) => list.reduce((gas, each) => gas + each.gasUsed, 0n);
  const all = [...transactions.values()];
  const market = api.history.events.filter((event) => "intervalId" in event);
  const hashes = new Set(market.map(({ transactionHash }) => transactionHash));
  const ofMarket = all.filter(({ transactionHash }) => hashes.has(transactionHash));
  expect(spending).toMatchObject({
    transactions: all.length,
    gasUsed: String(sum(all)),
    gasPerTrade: String(sum(ofMarket) / 9n),
  });
  const clearings = all.filter(({ purpose }) => purpose === "clear");
  expect(spending.byPurpose).toContainEqual({
    purpose: "clear",
    transactions: 3,
    gasUsed: String(sum(clearings)),
  });
  const { intervals } = (await api.app.inject("/v1/intervals")).json();
  const fees = intervals.map(({ gridFeeMicro }: { gridFeeMicro: string }) => BigInt(gridFeeMicro));
  expect(spending.gridFeeMicro).toBe(String(fees.reduce((a: bigint, b: bigint) => a + b)));
  expect(throughput).toEqual({
    intervals: 3,
    settledIntervals: 2,
    orders: 16,
    trades: 9,
    settlements: 8,
    clearedWh: "2700",
    lastSettledAt: endOf(101),
    lagSeconds: 60,
    processedPerHour: 1_234.5,
  });
});

test("an order that the chain refused is told with what to do", async () => {
  expect(await exceptions()).toEqual([
    {
      kind: "refusedOrder",
      severity: "watch",
      at: 102 * INTERVAL_SECONDS - 300,
      title: "The chain refused an order of account 27",
      detail:
        "An offer of 0.03 kWh at no less than €0.299 a kWh for interval 102 (2 Jan 1970, 02:30) was left out, since the member's margin did not cover what its orders could cost at worst.",
      whatToDo: "Ask account 27 to add margin: what is there does not cover the order.",
      subject: {
        areaId: 1,
        intervalId: 102,
        account: 27,
        orderId: expect.stringMatching(/^0x[0-9a-f]{64}$/),
        transactionHash: null,
      },
    },
  ]);
});

test("a role that is down comes before all else", async () => {
  checks = [{ name: "meter gateway", isReady: false, detail: "last published interval 90" }];
  const [first, second] = await exceptions();
  expect([first, second]).toMatchObject([
    { kind: "roleDown", severity: "act", at: NOW, title: "The meter gateway is not ready" },
    { kind: "refusedOrder", severity: "watch" },
  ]);
  expect(first?.detail).toBe("last published interval 90.");
});

test("readings are late an interval after delivery, and urgent while trades wait for them", async () => {
  time = endOf(102) + INTERVAL_SECONDS;
  expect(await exceptions("lateReadings")).toEqual([]);
  time += 1;
  expect(await exceptions("lateReadings")).toMatchObject([
    {
      severity: "act",
      at: endOf(102),
      title: "The readings of 1 interval are late",
      detail: expect.stringContaining("whose delivery ended 15 min ago"),
      subject: { areaId: 1, intervalId: 102 },
    },
  ]);
  // Intervals that the chain never heard of are one row, and not older than a day.
  time = endOf(102) + 3 * INTERVAL_SECONDS;
  expect(await exceptions("lateReadings")).toMatchObject([{ title: "The readings of 2 intervals are late" }]);
  time = endOf(102) + 2 * 86_400;
  expect(await exceptions("lateReadings")).toMatchObject([
    { severity: "watch", title: "The readings of 94 intervals are late" },
  ]);
  // A day that begins within a published interval does not miss it.
  time = 100 * INTERVAL_SECONDS + 86_400 + 60;
  expect(await exceptions("lateReadings")).toMatchObject([
    { title: "The readings of 93 intervals are late", subject: { intervalId: 102 } },
  ]);
});

test("a cleared interval that nobody settles is urgent two intervals after delivery", async () => {
  time = endOf(102) + 2 * INTERVAL_SECONDS;
  expect(await exceptions("unsettledInterval")).toEqual([]);
  time += 1;
  expect(await exceptions("unsettledInterval")).toMatchObject([
    {
      severity: "act",
      at: endOf(102),
      title: "Interval 102 (2 Jan 1970, 02:30) is not settled",
      detail:
        "Delivery ended 30 min ago; nothing of 0.90 kWh in 3 trades is paid, the rest is in escrow; its readings are not published.",
      subject: { intervalId: 102 },
    },
  ]);
});

test("a charging session that nobody pays for is told with its station", async () => {
  reportSession(incidents, 1, { kind: "uncovered", stationId: "station-1", sessionId: "17" });
  expect(await exceptions("sessionTrouble")).toMatchObject([
    {
      severity: "watch",
      title: "Nobody pays for a charging session",
      detail: "No driver's hold covers session 17 at station station-1, so that nobody pays for it.",
    },
  ]);
});

test("what the roles refused a week ago is not told any more", async () => {
  const { onFailedInterval } = incidentReports(incidents, 1);
  onFailedInterval(90, "nobody answers");
  time += 7 * 86_400;
  expect(await exceptions("failedInterval")).toContainEqual(
    expect.objectContaining({ title: "Interval 90 has no market" }),
  );
  time += 1;
  const titles = (await exceptions("failedInterval")).map(({ title }) => title);
  expect(titles).not.toContain("Interval 90 has no market");
});

test("what the roles refused and what failed is told with what to do", async () => {
  const { onRefusedOrder, onRefusedReading, onFailedTransaction, onFailedInterval } = incidentReports(
    incidents,
    1,
  );
  const order = { status: "refused" as const, orderId: "0xaa" as const, intervalId: 104 };
  const home = { member: 4, account: 24 };
  for (let i = 0; i < 3; i += 1)
    onRefusedOrder({ ...order, ...home, reason: "invalidSignature", detail: "not signed by its owner" });
  onRefusedOrder({
    ...order,
    member: 99,
    account: null,
    reason: "unknownParticipant",
    detail: "member 99 may not trade",
  });
  onRefusedReading({ member: 5, account: 25, intervalId: 102, meterId: "0x01", reason: "invalidSignature" });
  onFailedTransaction({
    label: "settle",
    transactionHash: "0xbb",
    cause: new Error("settle was refused: X"),
  });
  onFailedInterval(101, new Error("the chain refuses"));
  const name = `Home "4" <script>alert(1)</script>`;
  const found = (await exceptions()).filter(({ title }) => !title.startsWith("The chain"));
  expect(found.map(({ title, detail }) => [title, detail])).toEqual([
    ["The desk refused an order of somebody who may not trade", "member 99 may not trade."],
    [
      `The desk refused an order of ${name} (account 24)`,
      "not signed by its owner (3 times, this one the last).",
    ],
    [
      "The gateway refused a reading of account 25",
      "a reading of meter 0x01 for interval 102: invalidSignature.",
    ],
    ["A transaction failed: settle", "settle was refused: X."],
    [
      "Interval 101 has no market",
      "The energy of interval 101 (2 Jan 1970, 02:15) is billed at the tariff: the chain refuses.",
    ],
  ]);
  expect(found.every(({ severity }) => severity === "watch")).toBe(true);
  expect(found[3]?.subject).toMatchObject({ transactionHash: "0xbb", areaId: null });
});

test("never more than 200, the urgent among them", async () => {
  const { onRefusedOrder } = incidentReports(incidents, 1);
  const order = { status: "refused" as const, orderId: "0xaa" as const, intervalId: 104, detail: "no" };
  for (let member = 0; member < 300; member += 1)
    onRefusedOrder({ ...order, member, account: accountOf(member), reason: "zeroEnergy" });
  checks = [{ name: "chain", isReady: false, detail: "does not answer" }];
  const list = await exceptions();
  expect(list).toHaveLength(200);
  expect(list[0]).toMatchObject({ kind: "roleDown" });
});

test("readings that are missing are named, an interrupted clearing and a return are told", async () => {
  api.history.clear(103, ordinaryOrders(103));
  api.history.publish(103, { 4: [450, 0], 6: [0, 650] });
  api.history.clear(104, ordinaryOrders(104), { maxStepOrders: 3, onlySteps: 1 });
  const given = api.history.clear(105, ordinaryOrders(105));
  api.history.returnPage(given);
  await api.follow();
  time = endOf(104);
  expect(await exceptions("failedInterval")).toMatchObject([{ title: expect.stringMatching(/given back$/) }]);
  time += 1;
  const [stopped, ...others] = await exceptions("failedInterval");
  expect(stopped).toMatchObject({
    severity: "act",
    at: endOf(104),
    title: "The clearing of interval 104 (2 Jan 1970, 03:00) stopped",
    detail: expect.stringMatching(/^Delivery ended 0 min ago; 1 step with 3 orders reserved money/),
    subject: { intervalId: 104 },
  });
  expect(others).toMatchObject([
    {
      severity: "watch",
      title: "Interval 105 (2 Jan 1970, 03:15) was given back",
      detail:
        "Its readings did not come in time: 0.90 kWh in 3 trades do not count; all of its energy is billed at the tariff.",
    },
  ]);
  expect(await exceptions("missingReadings")).toMatchObject([
    {
      severity: "watch",
      title: "2 readings missing: account 25, account 27",
      detail: expect.stringContaining("holds 2 readings; 2 enrolled besides sent none"),
      subject: { areaId: 1, intervalId: 103, account: null },
    },
  ]);
});

test("a clearing that was given up without another is told, and intervals that no supplier stands for as one", async () => {
  const steps = { maxStepOrders: 2, onlySteps: 1 };
  api.history.abandon(api.history.clear(106, ordinaryOrders(106), steps));
  for (const intervalId of [107, 108])
    api.history.clear(intervalId, ordinaryOrders(intervalId), { isSupplied: false });
  await api.follow();
  time = 106 * INTERVAL_SECONDS - 1;
  const isOf =
    (intervalId: number) =>
    ({ subject }: Exception) =>
      subject.intervalId === intervalId;
  expect((await exceptions("failedInterval")).filter(isOf(106))).toEqual([]);
  time += 1;
  expect((await exceptions("failedInterval")).filter(isOf(106))).toMatchObject([
    { severity: "watch", title: "Interval 106 (2 Jan 1970, 03:30) has no market" },
  ]);
  expect(await exceptions("unsuppliedIntervals")).toMatchObject([
    {
      severity: "watch",
      title: "2 intervals of the last day went unsupplied",
      whatToDo: expect.stringContaining("accept the terms"),
      subject: { intervalId: 108 },
    },
  ]);
});

test("an interval with readings missing waits for them, and is urgent no sooner than that is over", async () => {
  const published = api.history.clear(109, ordinaryOrders(109));
  api.history.publish(109, { 4: [450, 0], 5: [700, 0], 6: [0, 650] });
  await api.follow();
  time = endOf(109) + 2 * INTERVAL_SECONDS + 1;
  const isIt = ({ subject }: Exception) => subject.intervalId === 109;
  expect((await exceptions("unsettledInterval")).find(isIt)).toMatchObject({
    severity: "watch",
    whatToDo: expect.stringContaining("they count as zero, and all is paid"),
  });
  time = endOf(109) + WAITING_SECONDS;
  expect((await exceptions("unsettledInterval")).find(isIt)).toMatchObject({ severity: "act" });
  api.history.settle(published);
  await api.follow();
  expect((await exceptions("unsettledInterval")).find(isIt)).toBeUndefined();
});
