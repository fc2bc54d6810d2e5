import { expect, it } from "vitest";
import { quotaOrderFault } from "#domains/charging/rules/quotaOrderFault.ts";
import { BOOK_TIMES, intervalsOfPeriod } from "#domains/charging/rules/quotaTerms.ts";
import { scheduleVehicles } from "#domains/charging/schedule/scheduleVehicles.ts";
import { loadLinearSolver } from "#kernel/optimization/linearSolver.ts";
import { intervalAt, startsAt } from "#kernel/units/interval.ts";
import { seededRandom } from "#kernel/units/random.ts";
import type { Station, StationUse } from "./depotScenario.ts";
import { chargeInterval, type Scheduling } from "./stationVehicles.ts";
import { openStationWorld } from "./stationWorld.ts";
import { createVisits } from "./vehicles.ts";

const INTERVAL_SECONDS = 900;
const RULES = {
  ...BOOK_TIMES,
  intervalSeconds: INTERVAL_SECONDS,
  floorMicroPerKw: 10_000,
  ceilingMicroPerKw: 200_000,
};
const PLACE = { seed: 11, timeZone: "Europe/Berlin" };
/** Monday, 12 May 2025, local midnight. */
const MONDAY = 1_747_000_800;
const FIRST_PERIOD = intervalAt(MONDAY, RULES.periodSeconds);
const PERIODS_A_DAY = 48;

function station(use: StationUse): Station {
  return { id: `${use}-1`, name: use, member: 4, use, points: 4, connectionW: 44_160 };
}

function openWorld(
  at: Station,
  scheduling: Scheduling = { by: { rule: "leastLaxity" }, mostStartsAnHour: 2 },
) {
  return openStationWorld(at, RULES, { visits: createVisits(at, PLACE), scheduling });
}

/** A day of a station, of which each period's quota is a part of its demand; `quotaOf` says which. */
function liveThroughDay(use: StationUse, quotaOf: (demandW: number) => number) {
  const world = openWorld(station(use));
  let quotaNowW = 0;
  return Array.from({ length: PERIODS_A_DAY }, (_, i) => {
    const period = FIRST_PERIOD + i;
    const demandW = world.demandW(period, quotaNowW);
    const quotaW = quotaOf(demandW);
    const orders = world.orders(period, { quotaNowW, quotaW });
    // The period before is delivered while quotas of this one are set.
    const before = intervalsOfPeriod(period - 1, RULES).map((id) => world.deliver(id, quotaNowW).importWh);
    const allowed = quotaNowW;
    quotaNowW = quotaW;
    return { period, demandW, quotaW, orders, before, allowed };
  });
}

const USES: readonly StationUse[] = ["workplace", "overnight", "stop"];

it.each(USES)("draws whole Wh within its quota (R9.1), each day the same (%s)", (use) => {
  const day = liveThroughDay(use, (demandW) => Math.floor(demandW / 2));
  expect(liveThroughDay(use, (demandW) => Math.floor(demandW / 2))).toEqual(day);
  for (const { before, allowed } of day)
    for (const importWh of before) {
      expect(Number.isInteger(importWh)).toBe(true);
      // Each vehicle's meter rounds by itself.
      expect(importWh).toBeLessThanOrEqual((allowed * INTERVAL_SECONDS) / 3_600 + 4);
    }
  expect(day.some(({ before }) => before.some((importWh) => importWh > 0))).toBe(true);
});

it.each(USES)("bids or offers, never both, within quota, connection and band (%s)", (use) => {
  const random = seededRandom(5);
  const day = liveThroughDay(use, (demandW) => Math.floor(demandW * random()));
  for (const { demandW, quotaW, orders } of day) {
    expect(new Set(orders.map(({ side }) => side)).size).toBeLessThanOrEqual(1);
    for (const { limitPriceMicroPerThousand: price, quantity, sequence } of orders) {
      expect(price).toBeGreaterThanOrEqual(RULES.floorMicroPerKw);
      expect(price).toBeLessThanOrEqual(RULES.ceilingMicroPerKw);
      expect(quantity).toBeGreaterThan(0);
      expect(sequence).toBeLessThan(16);
    }
    const standing = {
      ...{ demandW: Math.max(1, demandW), quotaW, capacityW: 44_160, depositMicro: 10n ** 12n },
      prices: { tariffMicroPerKwh: 300_000n, penaltyPermille: 2_000n },
      periodSeconds: RULES.periodSeconds,
    };
    const all = orders.map((order) => ({ ...order, participant: 4 }));
    expect(quotaOrderFault(all, standing)).toBeNull();
  }
  expect(day.some(({ orders }) => orders.length > 0)).toBe(true);
});

it("demands no more than its vehicles have use for, and nothing once they are full", () => {
  const use = "workplace";
  const day = liveThroughDay(use, (demandW) => demandW);
  const drawnWh = day.flatMap(({ before }) => before).reduce((sum, importWh) => sum + importWh, 0);
  const wantedWh = createVisits(station(use), PLACE)(
    MONDAY,
    startsAt(FIRST_PERIOD + PERIODS_A_DAY, RULES.periodSeconds),
  )
    .filter(({ arrivesAt }) => arrivesAt >= MONDAY)
    .reduce((sum, visit) => sum + visit.wantedWh, 0);
  expect(drawnWh).toBeLessThanOrEqual(wantedWh);
  expect(drawnWh).toBeGreaterThan(0.8 * wantedWh);
  const askedWh = day.reduce((sum, { demandW }) => sum + demandW / 2, 0);
  expect(askedWh).toBeLessThan(2 * wantedWh);
});

it("pays more for a vehicle that leaves soon than it asks for one that stays", () => {
  const ordersIn = (use: StationUse) =>
    liveThroughDay(use, (demandW) => Math.floor(demandW / 2)).flatMap(({ orders }) => orders);
  const mean = (list: ReturnType<typeof ordersIn>) =>
    list.reduce((sum, order) => sum + order.limitPriceMicroPerThousand, 0) / list.length;
  const bids = ordersIn("stop").filter(({ side }) => side === "bid");
  const offers = ordersIn("workplace").filter(({ side }) => side === "offer");
  expect(mean(bids)).toBeGreaterThan(mean(offers));
});

const DAYS = 14;
const FIRST_INTERVAL = MONDAY / INTERVAL_SECONDS;
const INTERVALS = (DAYS * 86_400) / INTERVAL_SECONDS;
const TIGHT_W = 12_000;

/** Promises that a station keeps within one quota all the time, and the energy that the others lack, Wh. */
function promisesOf(at: Station, scheduling: Scheduling, intervals = INTERVALS) {
  const world = openWorld(at, scheduling);
  const leaving = Array.from(
    { length: intervals },
    (_, i) => world.deliver(FIRST_INTERVAL + i, TIGHT_W).leaving,
  );
  const lacking = leaving.flat().map(({ lackingWh }) => lackingWh);
  return {
    kept: lacking.filter((each) => each === 0).length,
    left: lacking.length,
    lackingWh: lacking.reduce((sum, each) => sum + each, 0),
  };
}

/** The same for a station that looks at one interval at a time. */
function promisesWithoutForesight(at: Station) {
  const visits = createVisits(at, PLACE);
  const left = new Map<string, number>();
  const lacking: number[] = [];
  for (let interval = FIRST_INTERVAL; interval < FIRST_INTERVAL + INTERVALS; interval += 1) {
    const [begins, ends] = [interval * INTERVAL_SECONDS, (interval + 1) * INTERVAL_SECONDS];
    const there = visits(begins, ends).map((visit) => ({
      ...visit,
      wantedWh: left.get(visit.id) ?? visit.wantedWh,
    }));
    const whole = there.filter(({ arrivesAt, leavesAt }) => arrivesAt <= begins && leavesAt >= ends);
    const site = { limitW: [TIGHT_W], phaseLimitW: at.connectionW / 3, intervalSeconds: INTERVAL_SECONDS };
    const schedules = scheduleVehicles(
      whole.filter(({ wantedWh }) => wantedWh >= 1).map((visit) => ({ ...visit, from: 0, until: 1 })),
      { site: { ...site, mostStartsAnHour: 60 }, rule: "leastLaxity" },
    );
    for (const { id, shortfallWh } of schedules) left.set(id, shortfallWh);
    for (const { id, leavesAt, wantedWh } of there)
      if (leavesAt <= ends) lacking.push(left.get(id) ?? wantedWh);
  }
  return { kept: lacking.filter((each) => each < 1).length, left: lacking.length };
}

it("keeps more promises with the rest of all stays in view (R4.3)", () => {
  const before = promisesWithoutForesight(station("workplace"));
  for (const rule of ["leastLaxity", "proportional"] as const) {
    const { kept, left } = promisesOf(station("workplace"), { by: { rule }, mostStartsAnHour: 2 });
    expect(left).toBe(before.left);
    expect(kept).toBeGreaterThan(before.kept);
  }
});

it("lacks no more by a linear programme than by a rule", async () => {
  const solver = await loadLinearSolver();
  const at = { ...station("overnight"), points: 2 };
  const lacking = (by: Scheduling["by"]) => promisesOf(at, { by, mostStartsAnHour: 1 }, 96).lackingWh;
  const byProgramme = lacking({ rule: "linearProgram", solver });
  expect(byProgramme).toBeLessThanOrEqual(lacking({ rule: "leastLaxity" }));
});

it("begins no oftener than is stated, and charges with 6 A a phase or pauses", () => {
  const at = station("workplace");
  const visits = createVisits(at, PLACE);
  const scheduling = { by: { rule: "leastLaxity" }, mostStartsAnHour: 1 } as const;
  const place = { station: at, visits, scheduling, intervalSeconds: INTERVAL_SECONDS };
  const random = seededRandom(3);
  const starts = new Map<string, number[]>();
  let charges: ReturnType<typeof chargeInterval> = new Map();
  for (let intervalId = FIRST_INTERVAL; intervalId < FIRST_INTERVAL + 5 * 96; intervalId += 1) {
    const before = charges;
    charges = chargeInterval(place, before, { intervalId, quotaW: Math.floor(random() * 20_000) });
    for (const [id, { visit, leftWh, charged }] of charges) {
      const takenW = ((before.get(id)?.leftWh ?? visit.wantedWh) - leftWh) * 4;
      if (leftWh > 0 && takenW > 0) expect(takenW).toBeGreaterThanOrEqual(visit.leastW);
      const isStart = charged.at(-1) && !charged.at(-2);
      if (isStart) starts.set(id, [...(starts.get(id) ?? []), intervalId]);
    }
  }
  const gaps = [...starts.values()].flatMap((all) => all.slice(1).map((at, i) => at - all[i]!));
  expect(gaps.length).toBeGreaterThan(10);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4);
});

it.each(USES)("draws the same after its last two days were lived through again (%s)", (use) => {
  const [first, again] = [openWorld(station(use)), openWorld(station(use))];
  const quotaW = (interval: number) => 4_000 + (interval % 7) * 2_500;
  const through = (world: typeof first, from: number, until: number) =>
    Array.from({ length: until - from }, (_, i) => world.deliver(from + i, quotaW(from + i)));
  const restart = FIRST_INTERVAL + 4 * 96 + 57;
  through(first, FIRST_INTERVAL, restart);
  through(again, restart - 2 * 96, restart);
  expect(through(again, restart, restart + 96)).toEqual(through(first, restart, restart + 96));
});
