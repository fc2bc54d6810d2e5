import { expect, it } from "vitest";
import type { Community } from "../community.ts";
import type { Period } from "../periods.ts";
import { priceColumns } from "./priceColumns.ts";
import type { Priced } from "./priceNow.ts";

const QUARTER = 900;

function interval(intervalId: number, energyMicroPerKwh: string | null): Priced {
  const price = { energyMicroPerKwh, feedInMicroPerKwh: "80000", retailMicroPerKwh: "300000" };
  return { intervalId, startsAt: intervalId * QUARTER, endsAt: (intervalId + 1) * QUARTER, price } as Priced;
}

function period(intervalId: number, priceMicroPerKwh: string | null): Period {
  const tariff = { feedInMicroPerKwh: "80000", retailMicroPerKwh: "300000" };
  const extremes = { lowestMicroPerKwh: "100000", highestMicroPerKwh: "200000" };
  return { from: intervalId * QUARTER, priceMicroPerKwh, ...tariff, ...extremes } as Period;
}

const community = {
  current: interval(7, null),
  next: interval(8, null),
  nextForecast: { energyMicroPerKwh: "-20000" },
} as Community;

const valuesOf = ({ series }: ReturnType<typeof priceColumns>) =>
  Object.fromEntries(series.map(({ label, values }) => [label, values]));

it("shows each interval, the running one that is not cleared, and what is expected of the next, with its sign", () => {
  const columns = priceColumns(
    { of: "interval", periods: [period(4, "150000"), period(6, null)] },
    community,
  );
  expect(columns.times).toEqual([4, 6, 7, 8].map((id) => id * QUARTER));
  expect(valuesOf(columns)).toEqual({
    Retail: [0.3, 0.3, 0.3, 0.3],
    "Feed-in": [0.08, 0.08, 0.08, 0.08],
    "Local price": [0.15, null, null, null],
    "Next, expected": [null, null, null, -0.02],
  });
});

it("takes the next one from its forecast or its clearing, not twice", () => {
  const cleared = { ...community, next: interval(8, "170000") };
  const columns = priceColumns(
    { of: "interval", periods: [period(7, "160000"), period(8, "170000")] },
    cleared,
  );
  expect(columns.times).toEqual([7, 8].map((id) => id * QUARTER));
  expect(valuesOf(columns)).toMatchObject({ "Local price": [0.16, null], "Next, expected": [null, 0.17] });
});

it("shows hours and days by their mean, between the lowest and the highest, without a forecast", () => {
  const columns = priceColumns({ of: "hour", periods: [period(4, "150000"), period(8, null)] }, community);
  expect(columns.times).toEqual([4, 8].map((id) => id * QUARTER));
  expect(valuesOf(columns)).toEqual({
    Retail: [0.3, 0.3],
    "Feed-in": [0.08, 0.08],
    Highest: [0.2, 0.2],
    "Local price, mean": [0.15, null],
    Lowest: [0.1, 0.1],
  });
});
