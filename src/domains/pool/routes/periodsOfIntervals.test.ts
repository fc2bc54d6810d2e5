import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import type { intervalsWire, periodsOfIntervalsWire } from "#domains/pool/wire.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { INTERVAL_SECONDS } from "#platform/store/marketHistory.fixture.ts";

type Interval = z.infer<typeof intervalsWire>["intervals"][number];

const DAY = 86_400;
/** Intervals 100, 101 and 102 are cleared; 103 is to come. */
const [FIRST, END] = [100 * INTERVAL_SECONDS, 103 * INTERVAL_SECONDS];

let api: ApiFixture;
let cleared: readonly Interval[];

beforeAll(async () => {
  api = await openApiFixture();
  const { intervals } = (await api.app.inject("/v1/intervals?areaId=1")).json<
    z.infer<typeof intervalsWire>
  >();
  cleared = intervals.filter(({ clearedAt }) => clearedAt !== null);
});
afterAll(() => api.close());

async function periods(query: string) {
  const answer = await api.app.inject(`/v1/intervals/periods?${query}`);
  expect(answer.statusCode).toBe(200);
  return answer.json<z.infer<typeof periodsOfIntervalsWire>>().periods;
}

it("gives single intervals as the list of intervals does, and none for what is not cleared", async () => {
  const shown = await periods(`areaId=1&from=${FIRST - DAY}&to=${END + DAY}&of=interval`);
  expect(
    shown.map(({ from, to, clearedWh, orders, trades, priceMicroPerKwh }) => ({
      ...{ from, to, clearedWh, orders, trades, priceMicroPerKwh },
    })),
  ).toEqual(
    cleared
      .map(({ startsAt, endsAt, clearedWh, orders, trades, price }) => ({
        ...{ from: startsAt, to: endsAt, clearedWh, orders, trades },
        priceMicroPerKwh: price.energyMicroPerKwh,
      }))
      .reverse(),
  );
  expect(shown).toHaveLength(3);
});

it.each(["hour", "day"])("sums by %s, with the mean price by energy and both extremes", async (of) => {
  const shown = await periods(`areaId=1&from=${FIRST}&to=${END}&of=${of}`);
  expect(shown.length).toBeGreaterThan(0);
  for (const period of shown) {
    const within = cleared.filter(({ startsAt }) => startsAt >= period.from && startsAt < period.to);
    const prices = within.map(({ price }) => Number(price.energyMicroPerKwh));
    const energies = within.map(({ clearedWh }) => Number(clearedWh));
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    expect(period).toMatchObject({
      intervals: within.length,
      tradedIntervals: within.length,
      clearedWh: String(sum(energies)),
      trades: sum(within.map(({ trades }) => trades)),
      priceMicroPerKwh: String(
        Math.round(sum(prices.map((price, i) => price * energies[i]!)) / sum(energies)),
      ),
      lowestMicroPerKwh: String(Math.min(...prices)),
      highestMicroPerKwh: String(Math.max(...prices)),
      feedInMicroPerKwh: "80000",
      retailMicroPerKwh: "300000",
    });
  }
  expect(shown.reduce((count, { intervals }) => count + intervals, 0)).toBe(3);
});

it("gives whole days of the area's zone, whatever part of them is asked for", async () => {
  // Berlin's 2 January 1970 begins at 82,800.
  const days = await periods(`areaId=1&from=${FIRST + 60}&to=${END - 60}&of=day`);
  expect(days.map(({ from, to }) => [from, to])).toEqual([[82_800, 82_800 + DAY]]);
});

it("sums all areas where none is named, without a tariff, which is an area's own", async () => {
  const [all] = await periods(`from=${FIRST}&to=${END}&of=day`);
  const [one] = await periods(`areaId=1&from=${FIRST}&to=${END}&of=day`);
  expect(all).toEqual({ ...one, feedInMicroPerKwh: null, retailMicroPerKwh: null });
});

it("is bounded, knows no period that ends before it begins, and no area that is not there", async () => {
  const status = async (query: string) => (await api.app.inject(`/v1/intervals/periods?${query}`)).statusCode;
  expect(await periods(`from=${END}&to=${FIRST}&of=hour`)).toEqual([]);
  for (const of of ["interval", "hour", "day"])
    expect(await status(`from=0&to=${900 * DAY}&of=${of}`)).toBe(422);
  expect(await status("areaId=9&from=0&to=900&of=day")).toBe(404);
  expect(await status("from=0&to=900&of=month")).toBe(400);
});
