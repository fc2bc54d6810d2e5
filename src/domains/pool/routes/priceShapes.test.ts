import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, NOW, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { accountOf, keyOf } from "#platform/store/marketHistory.fixture.ts";

/* Interval 102 runs and is cleared at 0.175 with a grid fee of 0.02; the supplier asks 0.30 and pays 0.08. */

let api: ApiFixture;
let home4: SignedIn;

beforeAll(async () => {
  api = await openApiFixture();
  home4 = await signIn(api.app, keyOf(4));
});
afterAll(() => api.close());

async function get(query: string, headers: Partial<SignedIn> = {}) {
  const answer = await api.app.inject({ method: "GET", url: `/v1/prices?${query}`, headers });
  return { status: answer.statusCode, body: answer.json() };
}

test("evcc gets rates that follow one another from the interval that runs now (R2.50)", async () => {
  const { status, body } = await get("shape=evcc&of=local&hours=2");
  expect(status).toBe(200);
  expect(body).toHaveLength(8);
  expect(body[0]).toEqual({ start: "1970-01-02T01:30:00Z", end: "1970-01-02T01:45:00Z", value: 0.195 });
  for (const [i, { start }] of body.entries()) if (i > 0) expect(start).toBe(body[i - 1].end);
});

test("what a seller gets has no grid fee, and the supplier's price is the tariff's", async () => {
  expect((await get("shape=evcc&of=local&side=sell&hours=1")).body[0].value).toBe(0.175);
  expect((await get("shape=evcc&of=supplier&side=sell&hours=1")).body[0].value).toBe(0.08);
  expect((await get("shape=evcc&of=supplier&hours=1")).body[0].value).toBe(0.3);
  expect((await get("shape=evcc&of=supplier&fees=without&hours=1")).body[0].value).toBe(0.14);
  expect((await get("shape=evcc&of=local&fees=without&hours=1&vatPercent=20")).body[0].value).toBe(0.21);
});

test("EMHASS gets a list under the name that it knows, and where the list starts", async () => {
  const { body } = await get("shape=emhass&hours=1&of=local");
  expect(body).toMatchObject({
    starts_at: "1970-01-02T01:30:00Z",
    known_until: "1970-01-02T01:45:00Z",
    optimization_time_step: 15,
    prediction_horizon: 4,
    load_cost_forecast: [0.195, 0.195, 0.195, 0.195],
  });
  const sell = (await get("shape=emhass&hours=1&side=sell&of=local")).body;
  expect(sell.prod_price_forecast).toEqual([0.175, 0.175, 0.175, 0.175]);
  expect(sell.load_cost_forecast).toBeUndefined();
});

test("the shapes of the EPEX Spot integration and of the Swedish interface carry the same numbers", async () => {
  const epex = (await get("shape=epex&hours=1&of=local")).body;
  expect(epex).toMatchObject({ unit_of_measurement: "EUR/kWh", price_per_kwh: 0.195 });
  expect(epex.data[1]).toEqual({
    start_time: "1970-01-02T01:45:00Z",
    end_time: "1970-01-02T02:00:00Z",
    price_per_kwh: 0.195,
  });
  const eltariff = (await get("shape=eltariff&hours=1&of=local&vatPercent=25")).body;
  expect(eltariff).toMatchObject({
    componentId: "commonwatt-1-buy",
    priceDuration: "PT15M",
    currency: "EUR",
  });
  expect(eltariff.prices[0]).toEqual({
    timestamp: "1970-01-02T01:30:00Z",
    priceExVat: 0.195,
    priceIncVat: 0.24375,
  });
});

test("the outlook says what is known, what each forecast rests on, and how it is blended", async () => {
  const { body } = await get("shape=outlook&hours=24");
  expect(body).toMatchObject({ now: NOW, startsAt: 91_800, intervalSeconds: 900, knownUntil: 92_700 });
  expect(body.prices).toHaveLength(96);
  expect(body.prices[0]).toMatchObject({ basis: "cleared", isForecast: false, localMicroPerKwh: "175000" });
  expect(body.prices[1]).toMatchObject({ basis: "newest", isForecast: true });
  // Interval 196 is a day after 100, of which readings are known.
  const tomorrow = body.prices[94];
  expect(tomorrow).toMatchObject({ intervalId: 196, basis: "sameTime" });
  expect(tomorrow.localSharePermille).toBeGreaterThan(0);
  const share = BigInt(tomorrow.localSharePermille);
  expect(tomorrow.priceMicroPerKwh).toBe(String((share * 195_000n + (1_000n - share) * 300_000n) / 1_000n));
  // Three intervals of one day: nothing was forecast yet.
  expect(body.error).toEqual({
    intervals: 0,
    meanAbsoluteMicroPerKwh: null,
    meanMicroPerKwh: null,
    misjudged: 0,
  });
});

test("an account's own share is for its owner", async () => {
  const query = `shape=outlook&account=${accountOf(4)}`;
  expect((await get(query)).status).toBe(401);
  const own = await get(query, home4);
  expect(own.status).toBe(200);
  const all = await get("shape=outlook");
  expect(own.body.prices[94].localSharePermille).not.toBe(all.body.prices[94].localSharePermille);
});

test("without a shape the answer is what it was, and bad values are refused", async () => {
  expect((await get("")).body).toMatchObject({ areas: [{ current: { intervalId: 102 } }] });
  for (const bad of [
    "shape=nordpool",
    "side=both",
    "vatPercent=-1",
    "vatPercent=1e2",
    "hours=0",
    "hours=169",
  ])
    expect((await get(bad)).status, bad).toBe(400);
  expect((await get("shape=evcc&areaId=9")).status).toBe(404);
});

test("prices without fees are refused where the parts of the supplier's price are not known", async () => {
  const bare = await openApiFixture({ retailParts: new Map() });
  const answer = await bare.app.inject({ url: "/v1/prices?shape=evcc&fees=without" });
  expect(answer.statusCode).toBe(422);
  expect(answer.json()).toMatchObject({ reason: "feesUnknown" });
  await bare.close();
});
