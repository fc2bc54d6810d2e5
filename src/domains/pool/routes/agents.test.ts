import { afterEach, beforeEach, expect, it } from "vitest";
import { type ApiFixture, NOW, openApiFixture } from "#platform/api/api.fixture.ts";
import { signIn } from "#platform/api/identity/signIn.fixture.ts";
import { AREA_ID, accountOf, keyOf, OPERATOR_KEY } from "#platform/store/marketHistory.fixture.ts";

const SETTINGS = {
  areaId: AREA_ID,
  member: 6,
  leastOfferMicroPerKwh: 200_000,
  mostBidMicroPerKwh: null,
  isPaused: false,
};
const URL = `/v1/participants/${accountOf(6)}/agents`;

let api: ApiFixture;
beforeEach(async () => {
  api = await openApiFixture();
});
afterEach(() => api.close());

async function put(key: Uint8Array, payload: object = SETTINGS, url = URL) {
  const answer = await api.app.inject({ method: "PUT", url, headers: await signIn(api.app, key), payload });
  return { status: answer.statusCode, body: answer.json() };
}

async function read(key: Uint8Array) {
  return (await api.app.inject({ url: URL, headers: await signIn(api.app, key) })).json();
}

it("takes an owner's standing order, shows since when it holds, and takes it back", async () => {
  expect(await read(keyOf(6))).toMatchObject({ agents: [{ member: 6, isThere: true, settings: null }] });
  const set = { leastOfferMicroPerKwh: 200_000, mostBidMicroPerKwh: null, isPaused: false, since: NOW + 1 };
  expect(await put(keyOf(6))).toMatchObject({ status: 200, body: { agents: [{ settings: set }] } });
  expect(await read(OPERATOR_KEY)).toMatchObject({ agents: [{ settings: set }] });
  await put(keyOf(6), { ...SETTINGS, leastOfferMicroPerKwh: null });
  expect(await read(keyOf(6))).toMatchObject({ agents: [{ settings: { leastOfferMicroPerKwh: null } }] });
});

it("lets nobody else set it: no stranger, not the operator, and no other's member in one's own name", async () => {
  expect((await api.app.inject({ method: "PUT", url: URL, payload: SETTINGS })).statusCode).toBe(401);
  expect((await put(keyOf(5))).status).toBe(403);
  expect((await put(OPERATOR_KEY)).status).toBe(403);
  const ofFive = `/v1/participants/${accountOf(5)}/agents`;
  expect((await put(keyOf(5), SETTINGS, ofFive)).status).toBe(404);
  expect(await read(keyOf(6))).toMatchObject({ agents: [{ settings: null }] });
});

it("says so where no agent orders for a member, and refuses a price that nobody would take", async () => {
  const ofSeven = `/v1/participants/${accountOf(7)}/agents`;
  expect(await put(keyOf(7), { ...SETTINGS, member: 7 }, ofSeven)).toMatchObject({
    status: 409,
    body: { reason: "noAgent" },
  });
  expect(await put(keyOf(6), { ...SETTINGS, leastOfferMicroPerKwh: 900_000 })).toMatchObject({
    status: 422,
    body: {
      reason: "agentPrice",
      detail: expect.stringMatching(/^€0\.900 per kWh is €0\.\d{3} above the highest price here, €0\.\d{3}$/),
    },
  });
});

it("shows the depth of cleared books by price, without whose orders they are and none of an open gate", async () => {
  const body = (await api.app.inject(`/v1/areas/${AREA_ID}/depth?intervals=1`)).json();
  expect(body.intervals.map(({ intervalId }: { intervalId: number }) => intervalId)).toEqual([102]);
  const { orders } = (await api.app.inject(`/v1/intervals/${AREA_ID}/102/orders`)).json();
  const sum = (list: { energyWh: string }[]) =>
    list.reduce((total, { energyWh }) => total + Number(energyWh), 0);
  expect(sum(body.levels)).toBe(sum(orders));
  expect(body.levels.length).toBeGreaterThan(1);
  for (const level of body.levels)
    expect(Object.keys(level).toSorted()).toEqual(["energyWh", "fillWh", "limitPriceMicroPerKwh", "side"]);
});
