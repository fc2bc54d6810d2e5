import { afterEach, beforeEach, expect, it } from "vitest";
import { wordOf } from "#kernel/crypto/hex.ts";
import { type ApiFixture, NOW, openApiFixture } from "#platform/api/api.fixture.ts";
import type { Concern } from "#platform/api/concerns.ts";
import { signIn } from "#platform/api/identity/signIn.fixture.ts";
import { createIncidents, type Incidents } from "#platform/runtime/incidents.ts";
import {
  AREA_ID,
  accountOf,
  INTERVAL_SECONDS,
  keyOf,
  OPERATOR_KEY,
  ordinaryOrders,
} from "#platform/store/marketHistory.fixture.ts";

let api: ApiFixture;
let incidents: Incidents;
let time: number;

beforeEach(async () => {
  incidents = createIncidents(() => time);
  time = NOW;
  api = await openApiFixture({ incidents, now: () => time });
});
afterEach(() => api.close());

async function ask(member: number, key = keyOf(member)) {
  const headers = await signIn(api.app, key);
  const url = `/v1/participants/${accountOf(member)}/concerns`;
  return api.app.inject({ url, headers });
}

async function concernsOf(member: number): Promise<Concern[]> {
  return (await ask(member)).json().concerns;
}

it("finds nothing wrong with a home whose meter speaks, and names what it looked at and up to when", async () => {
  const answer = await ask(5);
  expect(answer.statusCode, answer.body).toBe(200);
  const { concerns, lookedAt } = answer.json();
  expect(concerns).toEqual([]);
  expect(lookedAt).toEqual([
    { what: "readings of your meter", until: 102 * INTERVAL_SECONDS },
    { what: "lines of your bill", until: 102 * INTERVAL_SECONDS },
    { what: "orders in your name, and what deviations cost", until: NOW },
  ]);
});

it("tells the owner alone of an order that somebody else signed in its name", async () => {
  incidents.report({
    kind: "refusedOrder",
    areaId: AREA_ID,
    account: accountOf(5),
    intervalId: 104,
    orderId: "0xaa",
    reason: "invalidSignature",
    sentence: "the order is not signed by the signer of member 5",
  });
  const [concern, ...others] = await concernsOf(5);
  expect(others).toEqual([]);
  expect(concern).toMatchObject({
    kind: "forgedOrder",
    severity: "act",
    since: NOW,
    intervalId: 104,
    orderId: "0xaa",
    costMicro: null,
  });
  expect((await concernsOf(4)).filter(({ kind }) => kind === "forgedOrder")).toEqual([]);
  time = NOW + 8 * 86_400;
  expect((await concernsOf(5)).filter(({ kind }) => kind === "forgedOrder")).toEqual([]);
});

it("says since when a meter is silent, as soon as two readings are missing", async () => {
  api.history.publish(102, { 4: [450, 0], 6: [0, 650], 7: [0, 100] });
  await api.follow();
  const silentOf = async (member: number) =>
    (await concernsOf(member)).filter(({ kind }) => kind === "silentMeter");
  expect(await silentOf(5)).toEqual([]);
  api.history.clear(103, []);
  api.history.publish(103, { 4: [450, 0], 6: [0, 650], 7: [0, 100] });
  await api.follow();
  expect(await silentOf(4)).toEqual([]);
  expect(await silentOf(5)).toMatchObject([{ severity: "act", since: 102 * INTERVAL_SECONDS }]);
});

it("tells a member whose order the chain refused for its margin to add some", async () => {
  const refused = (await concernsOf(7)).filter(({ kind }) => kind === "refusedOrder");
  expect(refused).toMatchObject([
    { severity: "act", intervalId: 102, title: "The chain refused an order of yours" },
  ]);
});

it("sums what was sold and not delivered, and leads to the dearest interval", async () => {
  const plan = api.history.clear(103, ordinaryOrders(103));
  api.history.publish(103, { 4: [450, 0], 5: [700, 0], 6: [0, 0], 7: [0, 100] });
  api.history.settle(plan);
  await api.follow();
  const url = `/v1/participants/${accountOf(6)}/bill`;
  const { bill } = (await api.app.inject({ url, headers: await signIn(api.app, keyOf(6)) })).json();
  const owed = bill.charges.find(({ kind }: { kind: string }) => kind === "pool.shortfall");
  expect(BigInt(owed.amountMicro)).toBeGreaterThan(0n);
  const shortfalls = (await concernsOf(6)).filter(({ kind }) => kind === "shortfall");
  expect(shortfalls).toMatchObject([{ costMicro: owed.amountMicro, intervalId: 103, severity: "watch" }]);
});

it("is the owner's and the operator's business alone", async () => {
  expect((await ask(5, OPERATOR_KEY)).statusCode).toBe(200);
  expect((await ask(5, keyOf(4))).statusCode).toBe(403);
  expect((await ask(5, wordOf(5_555))).statusCode).toBe(403);
  expect((await api.app.inject(`/v1/participants/${accountOf(5)}/concerns`)).statusCode).toBe(401);
});
