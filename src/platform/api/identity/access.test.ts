import { afterAll, beforeAll, expect, test } from "vitest";
import { readingWord } from "#domains/metering/rules/meterReading.ts";
import { readingContext, readingLeaf } from "#domains/metering/rules/readingTree.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { type ApiFixture, NOW, openApiFixture } from "#platform/api/api.fixture.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { keyOf, OPERATOR_KEY, ordinaryOrders } from "#platform/store/marketHistory.fixture.ts";
import { type SignedIn, signIn } from "./signIn.fixture.ts";

let api: ApiFixture;
let [home4, home5, operator, stranger]: Partial<SignedIn>[] = [];
const nobody = {};

beforeAll(async () => {
  api = await openApiFixture();
  // Published and not settled: sealed.
  api.history.clear(103, ordinaryOrders(103));
  api.history.publish(103, { 4: [4_321, 0], 5: [700, 0], 6: [0, 650], 7: [0, 100] });
  await api.follow();
  home4 = await signIn(api.app, keyOf(4));
  home5 = await signIn(api.app, keyOf(5));
  operator = await signIn(api.app, OPERATOR_KEY);
  stranger = await signIn(api.app, keyOf(99));
});
afterAll(() => api?.close());

const ask = (url: string, headers: Partial<SignedIn> = nobody) => api.app.inject({ url, headers });

async function statuses(url: string): Promise<number[]> {
  const answers = await Promise.all(
    [nobody, stranger, home5, home4, operator].map((headers) => ask(url, headers)),
  );
  return answers.map(({ statusCode }) => statusCode);
}

test.each(["bills", "readings", "movements", "devices"])(
  "the %s of an account are for its owner and the operator",
  async (name) => {
    expect(await statuses(`/v1/participants/24/${name}`)).toEqual([401, 403, 403, 200, 200]);
    const url = `/v1/participants/24/${name}`;
    expect((await ask(url)).json()).toMatchObject({ status: 401, reason: "signInRequired" });
    expect((await ask(url, home5)).json()).toMatchObject({ status: 403, reason: "notYours" });
    expect((await ask(`/v1/participants/99/${name}`, operator)).statusCode).toBe(404);
  },
);

test("the operator sees the accounts of the area's supplier, grid operator and fund", async () => {
  for (const account of [21, 22, 23])
    expect(await statuses(`/v1/participants/${account}/movements`)).toEqual([401, 403, 403, 403, 200]);
});

test("the bills of all are for the operator alone", async () => {
  expect(await statuses("/v1/bills")).toEqual([401, 403, 403, 403, 200]);
});

test.each([
  "/v1/participants/24",
  "/v1/participants/24/orders",
  "/v1/orders?account=24",
  "/v1/trades?account=24",
  "/v1/intervals/1/100/evidence",
])("what is on the chain is for everybody: %s", async (url) => {
  expect(await statuses(url)).toEqual([200, 200, 200, 200, 200]);
});

type Reading = { member: number; importWh: string | null; signature: string | null; leaf: string };

async function reading(url: string, headers: Partial<SignedIn>, member = 4): Promise<Reading | undefined> {
  const { readings } = (await ask(url, headers)).json() as { readings: Reading[] };
  return readings.find((each) => each.member === member);
}

test.each(["/v1/intervals/1/103/readings", "/v1/readings?intervalId=103"])(
  "of a sealed reading others see the hash under the root alone (%s)",
  async (url) => {
    const signed = api.history.readings.find(({ member, intervalId }) => member === 4 && intervalId === 103)!;
    const { chainId } = DEPLOYMENT;
    const { meterLedger } = DEPLOYMENT.contracts;
    const context = readingContext({ chainId, meterLedger, areaId: 1, intervalId: 103, version: 1 });
    const leaf = toHex(readingLeaf(context, readingWord(signed)));
    for (const headers of [nobody, stranger!, home5!]) {
      const sealed = { importWh: null, exportWh: null, signature: null, leaf, proof: "published" };
      expect(await reading(url, headers)).toMatchObject(sealed);
      const { body } = await ask(url, headers);
      expect(body).not.toContain("4321");
      expect(body).not.toContain(toHex(signed.signature).slice(2));
    }
    for (const headers of [home4!, operator!]) {
      const signature = toHex(signed.signature);
      expect(await reading(url, headers)).toMatchObject({ importWh: "4321", signature, leaf });
    }
    expect(await reading(url, home4!, 5)).toMatchObject({ importWh: null });
    expect(await reading(url, operator!, 5)).toMatchObject({ importWh: "700" });
  },
);

test("what a settlement opened is public", async () => {
  const opened = await reading("/v1/intervals/1/100/readings", nobody);
  expect(opened).toMatchObject({ importWh: "450", proof: "opened", leaf: expect.stringMatching(/^0x/) });
});

async function names(headers: Partial<SignedIn>, app = api.app): Promise<(string | null)[]> {
  const list = (await app.inject({ url: "/v1/participants", headers })).json();
  const one = (await app.inject({ url: "/v1/participants/24", headers })).json();
  const [listed] = list.participants.filter(({ account }: { account: number }) => account === 24);
  return [listed.name, one.name];
}

const NAME = `Home "4" <script>alert(1)</script>`;

test("a name is for the owner and the operator, in a demonstration for everybody", async () => {
  for (const headers of [nobody, stranger!, home5!]) expect(await names(headers)).toEqual([null, null]);
  for (const headers of [home4!, operator!]) expect(await names(headers)).toEqual([NAME, NAME]);
  const demonstration = { roles: [], request: () => Promise.reject(new Error("not asked")) };
  const open = await openApiFixture({ demonstration });
  expect(await names(nobody, open.app)).toEqual([NAME, NAME]);
  await open.close();
});

test("of an account in two areas each operator sees the lines of its own", async () => {
  const own = await openApiFixture();
  own.history.openMeteredArea(2, { 4: 4 });
  own.history.publishIn(2, 100, { 4: [20, 0] });
  const other = addressOfKey(keyOf(98));
  own.history.add(NOW, { kind: "operatorChanged", areaId: 2, operator: other });
  await own.follow();
  const areasSeenBy = async (key: Uint8Array) => {
    const headers = await signIn(own.app, key);
    const { lines } = (await own.app.inject({ url: "/v1/participants/24/bills", headers })).json();
    return [...new Set(lines.map(({ areaId }: { areaId: number }) => areaId))].sort();
  };
  expect(await areasSeenBy(keyOf(4))).toEqual([1, 2]);
  expect(await areasSeenBy(OPERATOR_KEY)).toEqual([1]);
  expect(await areasSeenBy(keyOf(98))).toEqual([2]);
  await own.close();
});
