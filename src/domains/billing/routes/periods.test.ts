import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { accountOf, INTERVAL_SECONDS, keyOf } from "#platform/store/marketHistory.fixture.ts";

const MEMBER = 6;
const DAY = 86_400;

let api: ApiFixture;
let owner: SignedIn;

beforeAll(async () => {
  api = await openApiFixture();
  owner = await signIn(api.app, keyOf(MEMBER));
});
afterAll(() => api.close());

async function get(path: string) {
  const url = `/v1/participants/${accountOf(MEMBER)}/${path}`;
  const answer = await api.app.inject({ url, headers: owner });
  return { status: answer.statusCode, body: answer.json() };
}

it("gives the sums of days and of months, which are those of the bill", async () => {
  const { bill } = (await get("bill")).body;
  for (const of of ["day", "month"]) {
    const { periods } = (await get(`periods?from=0&to=${30 * DAY}&of=${of}`)).body;
    const sum = (name: string) =>
      String(
        periods.reduce((total: bigint, each: Record<string, string>) => total + BigInt(each[name]!), 0n),
      );
    expect(periods.length).toBeGreaterThan(0);
    for (const name of ["importWh", "exportWh", "marketBillMicro", "tariffBillMicro"])
      expect(sum(name)).toBe(bill[name]);
    for (const { from, to } of periods) expect(to).toBeGreaterThan(from);
  }
});

it("lists no more than a year of days, and none of a time that ends before it begins", async () => {
  expect(await get(`periods?from=0&to=${400 * DAY}&of=day`)).toMatchObject({
    status: 422,
    body: { reason: "tooManyPeriods" },
  });
  expect(await get("periods?from=900&to=0&of=day")).toMatchObject({ status: 200, body: { periods: [] } });
});

it("gives the dearest lines first on wish, and those that earned most", async () => {
  const costsOf = async (order: string): Promise<number[]> =>
    (await get(`bill?order=${order}`)).body.lines.map(
      ({ netMicro, beyondMicro }: Record<string, string>) => Number(netMicro) + Number(beyondMicro),
    );
  const latest = await costsOf("latest");
  expect(latest.length).toBeGreaterThan(1);
  const rising = latest.toSorted((a, b) => a - b);
  expect(await costsOf("earnedMost")).toEqual(rising);
  expect(await costsOf("dearest")).toEqual(rising.toReversed());
});

it("lists orders and movements of the time that is asked for", async () => {
  const all = (await get("orders")).body.orders;
  const during = `from=${101 * INTERVAL_SECONDS}&to=${102 * INTERVAL_SECONDS}`;
  const ofInterval = (await get(`orders?${during}`)).body.orders;
  expect(ofInterval.length).toBeGreaterThan(0);
  expect(ofInterval).toEqual(all.filter(({ intervalId }: { intervalId: number }) => intervalId === 101));
  const movements = (await get("movements")).body.movements;
  // The fixture clears the next interval with an earlier time than the settlement before it; the first blocks rise.
  const { timestamp } = movements.at(-1);
  const once = (await get(`movements?from=${timestamp}&to=${timestamp + 1}`)).body.movements;
  expect(once).toEqual(movements.filter((each: { timestamp: number }) => each.timestamp === timestamp));
});
