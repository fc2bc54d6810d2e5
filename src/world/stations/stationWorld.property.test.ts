import { expect, it } from "vitest";
import { quotaOrderFault } from "#domains/charging/rules/quotaOrderFault.ts";
import { BOOK_TIMES, intervalsOfPeriod } from "#domains/charging/rules/quotaTerms.ts";
import { intervalAt, startsAt } from "#kernel/units/interval.ts";
import { seededRandom } from "#kernel/units/random.ts";
import type { Station, StationUse } from "./depotScenario.ts";
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

/** A day of a station, of which each period's quota is a part of its demand; `quotaOf` says which. */
function liveThroughDay(use: StationUse, quotaOf: (demandW: number) => number) {
  const world = openStationWorld(station(use), RULES, createVisits(station(use), PLACE));
  let quotaNowW = 0;
  return Array.from({ length: PERIODS_A_DAY }, (_, i) => {
    const period = FIRST_PERIOD + i;
    const demandW = world.demandW(period, quotaNowW);
    const quotaW = quotaOf(demandW);
    const orders = world.orders(period, { quotaNowW, quotaW });
    // The period before is delivered while quotas of this one are set.
    const before = intervalsOfPeriod(period - 1, RULES).map((id) => world.deliver(id, quotaNowW));
    const allowed = quotaNowW;
    quotaNowW = quotaW;
    return { period, demandW, quotaW, orders, before, allowed };
  });
}

const USES: readonly StationUse[] = ["workplace", "overnight", "stop"];

it.each(USES)("draws whole Wh within its quota, each day the same (%s)", (use) => {
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
