import { expect, it } from "vitest";
import { promiseWords } from "./promiseWords.ts";

const CAR = { capacityWh: 60_000, storedWh: 20_000, targetWh: 48_000, departsAt: 18 };
const FULL = { energyWh: 30_434, storedWh: 48_000, fullAt: 17, costMicro: "12220000" };
const SHORT = { energyWh: 18_695, storedWh: 37_200, fullAt: null, costMicro: "7640000" };
const NOTHING = { energyWh: 0, storedWh: 20_000, fullAt: null, costMicro: "350000" };
const TEXTS = {
  time: (at: number) => `${at}:30`,
  money: (micro: string) => `€${(Number(micro) / 1e6).toFixed(2)}`,
};
const PLACE = { others: 1, limitW: 11_000, limitUntil: 17 };
type Outcome = typeof FULL | typeof SHORT;
const words = (alone: Outcome, crowded: Outcome, comers = 2) =>
  promiseWords({ ...PLACE, alone, crowded, comers }, CAR, TEXTS);

it.each([
  [words(FULL, SHORT), "80 % by 17:30, or 62 % if others come: then you pay less, €7.64 instead of €12.22."],
  [words(FULL, { ...FULL, fullAt: 18 }), "80 % by 17:30, or not before 18:30 if others come."],
  [words(FULL, FULL), "80 % by 17:30, also if others come."],
  [words(NOTHING, NOTHING), "Nothing by 18:30: the station may draw too little for your car now."],
  [words(SHORT, SHORT, 0), "62 % by 18:30; nobody else can come, all other points are taken."],
])("says %s", (said, expected) => {
  expect(said).toBe(expected);
});
