import { expect, it } from "vitest";
import { createConventionalLoad } from "./conventionalLoad.ts";
import { createVisits } from "./vehicles.ts";

const PLACE = { seed: 3, timeZone: "Europe/Berlin" };
const HOUR = 3_600;
/** Monday, 12 May 2025, local midnight. */
const MONDAY = 1_747_000_800;
const WORKPLACE = { id: "works", member: 4, use: "workplace", points: 20 } as const;

it("gives the same visits whatever part of time is asked for first", () => {
  const visits = createVisits(WORKPLACE, PLACE);
  const day = visits(MONDAY, MONDAY + 24 * HOUR);
  const others = createVisits(WORKPLACE, PLACE);
  others(MONDAY + 200 * HOUR, MONDAY + 300 * HOUR);
  expect(others(MONDAY, MONDAY + 24 * HOUR)).toEqual(day);
  expect(visits(MONDAY + 12 * HOUR, MONDAY + 13 * HOUR)).toEqual(
    day.filter(({ arrivesAt, leavesAt }) => leavesAt > MONDAY + 12 * HOUR && arrivesAt < MONDAY + 13 * HOUR),
  );
});

it("lets every vehicle get what it wants, were it alone, and stay within a day", () => {
  for (const use of ["workplace", "overnight", "stop"] as const)
    for (const visit of createVisits({ ...WORKPLACE, use }, PLACE)(MONDAY, MONDAY + 168 * HOUR)) {
      const hours = (visit.leavesAt - visit.arrivesAt) / HOUR;
      expect(hours).toBeGreaterThan(0);
      expect(hours).toBeLessThanOrEqual(24);
      expect(visit.wantedWh).toBeLessThanOrEqual(Math.ceil(hours * visit.mostW));
      expect(visit.leastW).toBeLessThan(visit.mostW);
    }
});

it("has vehicles at work on workdays, few on Sundays", () => {
  const visits = createVisits(WORKPLACE, PLACE);
  const at = (day: number) => visits(MONDAY + (24 * day + 12) * HOUR, MONDAY + (24 * day + 13) * HOUR).length;
  expect(at(0)).toBeGreaterThan(10);
  expect(at(6)).toBeLessThan(8);
});

it("spreads the conventional load around the usual, and comes to a year's figure", () => {
  const load = createConventionalLoad({ ...PLACE, conventionalKwhPerYear: 100_000 });
  let [usualWh, actualWh, widest] = [0, 0, 0];
  for (let hour = 0; hour < 365 * 24; hour += 1) {
    const at = 1_735_686_000 + hour * HOUR;
    usualWh += load.usualW(at);
    actualWh += load.actualW(at);
    widest = Math.max(widest, Math.abs(load.actualW(at) / load.usualW(at) - 1));
  }
  expect(usualWh / 1e8).toBeCloseTo(1, 1);
  expect(actualWh / usualWh).toBeCloseTo(1, 2);
  expect(widest).toBeGreaterThan(0.1);
  expect(widest).toBeLessThan(0.5);
});
