import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseDepot } from "./depotFile.ts";
import { tariffAt } from "./depotScenario.ts";

const SHIPPED = readFileSync("scenarios/depot/stations/scenario.yaml", "utf8");
const PLACE = { name: "stations", source: "scenario.yaml" };

it("reads the shipped depot, and leaves a file without one to others", () => {
  const depot = parseDepot(SHIPPED, { ...PLACE, overrides: { firstAccount: 28 } })!;
  expect(depot).toMatchObject({ kind: "depot", firstAccount: 28, intervalSeconds: 900 });
  expect(depot.stations.map(({ member }) => member)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  expect(depot.stations[0]).toMatchObject({ points: 4, connectionW: 88_320 });
  expect(depot.startsAt % depot.terms.periodSeconds).toBe(0);
  expect(depot).toMatchObject({ schedule: "leastLaxity", mostStartsAnHour: 2 });
  expect(parseDepot("title: x\nsynthetic: {}", PLACE)).toBeNull();
});

it.each([
  ["id: works-hall", "id: works-gate", "each station once"],
  ["fromHour: 11", "fromHour: 5", "hours rise"],
  ["floorMicroPerKw: 0", "floorMicroPerKw: 300000", "above ceilingMicroPerKw"],
  ["intervalMinutes: 15", "intervalMinutes: 20", "do not part"],
  ["ratingW: 100000", "ratingW: 0", "ratingW"],
  ["pricing: uniform", "schedule: fastest", "schedule"],
])("refuses %s as %s", (from, to, said) => {
  expect(() => parseDepot(SHIPPED.replace(from, to), PLACE)).toThrow(said);
});

it("charges by the local hour, before the first step by the last", () => {
  const { tariff } = parseDepot(SHIPPED, PLACE)!;
  expect([5, 6, 12, 18, 23].map((hour) => tariffAt(tariff, hour * 3_600))).toEqual([
    220_000, 340_000, 260_000, 390_000, 220_000,
  ]);
});
