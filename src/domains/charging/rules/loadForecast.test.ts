import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "#kernel/units/random.ts";
import { forecastLoad, type PastLoad, periodLoads } from "./loadForecast.ts";

const HALF_HOUR = 1_800;
const DAY = 86_400;
/** Monday, 4 January 2021, 00:00 UTC. */
const MONDAY = 1_609_718_400;
const utc = () => 0;
const of = (past: readonly PastLoad[]) => ({ past, periodSeconds: HALF_HOUR, offsetAt: utc });
const WITH = { quantilePermille: 950 };

/** Loads of so many days from a Monday on. */
function days(count: number, loadW: (startsAt: number) => number): PastLoad[] {
  return Array.from({ length: count * 48 }, (_, i) => MONDAY + i * HALF_HOUR).map((startsAt) => ({
    startsAt,
    loadW: loadW(startsAt),
  }));
}

/** A week that repeats: higher in the evening, lower at the weekend. */
const weekly = (at: number) => {
  const hour = (at % DAY) / 3_600;
  const isWeekend = ((at - MONDAY) / DAY) % 7 >= 5;
  return 100_000 + (hour >= 17 && hour < 21 ? 80_000 : 0) - (isWeekend ? 30_000 : 0);
};

describe("forecastLoad", () => {
  it("foretells a week that repeats without error, from its third on", () => {
    const until = MONDAY + 60 * DAY;
    const forecast = forecastLoad(of(days(60, weekly)), { startsAt: until + 18 * 3_600, ...WITH });
    expect(forecast).toEqual({
      forecastW: 180_000,
      error: expect.objectContaining({ meanPercent: 0, quantileW: 0 }),
      suggestedReserveW: 0,
    });
  });

  it("knows nothing that ends later than a period before it begins", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20 * 48, max: 60 * 48 - 1 }),
        fc.integer({ min: 0, max: 500_000 }),
        (period, loadW) => {
          const startsAt = MONDAY + period * HALF_HOUR;
          const true_ = days(60, weekly);
          const late = true_.map((each) =>
            each.startsAt > startsAt - 2 * HALF_HOUR ? { ...each, loadW } : each,
          );
          expect(forecastLoad(of(late), { startsAt, ...WITH })?.forecastW).toBe(
            forecastLoad(of(true_), { startsAt, ...WITH })?.forecastW,
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  it("takes days of the same kind while no weekday has come twice, and follows the newest deviation", () => {
    const startsAt = MONDAY + 5 * DAY + 12 * 3_600;
    const weekdaysOnly = days(5, () => 100_000);
    expect(forecastLoad(of(weekdaysOnly), { startsAt, ...WITH })?.forecastW).toBe(100_000);
    const friday = MONDAY + 4 * DAY + 12 * 3_600;
    const high = weekdaysOnly.map((each) =>
      each.startsAt === friday - 2 * HALF_HOUR ? { ...each, loadW: 120_000 } : each,
    );
    expect(forecastLoad(of(high), { startsAt: friday, ...WITH })?.forecastW).toBe(110_000);
    expect(forecastLoad(of([]), { startsAt, ...WITH })).toBeNull();
  });

  it("suggests a reserve that covered as many periods as were asked for", () => {
    const random = seededRandom(3);
    const past = days(90, (at) => Math.round(weekly(at) * (0.9 + 0.2 * random())));
    const checked = past
      .slice(-14 * 48)
      .filter((_, i) => i % 7 === 0)
      .map((actual) => {
        const forecast = forecastLoad(of(past), { startsAt: actual.startsAt, ...WITH })!;
        return actual.loadW <= forecast.forecastW + forecast.suggestedReserveW!;
      });
    const covered = checked.filter((isCovered) => isCovered).length / checked.length;
    expect(covered).toBeGreaterThan(0.88);
    expect(covered).toBeLessThan(1);
  });

  it("a period's load is the highest of its intervals, once all of them are known", () => {
    const powerW = new Map([
      [200, 900],
      [201, 1_200],
      [202, 700],
    ]);
    const loads = periodLoads(powerW, { periodSeconds: 1_800, intervalSeconds: 900 });
    expect(loads).toEqual([{ startsAt: 180_000, loadW: 1_200 }]);
  });
});

const HAMLET = join(import.meta.dirname, "../../../../../shared/data/hamlet");
const hasRecordings = existsSync(HAMLET);

it.skipIf(!hasRecordings)(`ten recorded households${hasRecordings ? "" : " (skipped: no data)"}`, () => {
  const past = recordedLoads();
  const last = past.at(-1)!.startsAt;
  const forecast = forecastLoad(of(past), { startsAt: last, ...WITH });
  expect(forecast?.error?.count).toBeGreaterThan(1_000);
  expect(forecast?.error?.meanPercent).toBeLessThan(30);
  const naive = dayBeforePercent(past.slice(-28 * 48));
  expect(forecast!.error!.meanPercent).toBeLessThan(naive);
});

/** The highest quarter of an hour in each half hour of all households together. */
function recordedLoads(): PastLoad[] {
  const quarters = new Map<number, number>();
  for (const file of readdirSync(HAMLET).filter((name) => name.startsWith("household")))
    for (const line of readFileSync(join(HAMLET, file), "utf8").trim().split("\n").slice(1)) {
      const [at, powerW] = line.split(",").map(Number) as [number, number];
      quarters.set(at, (quarters.get(at) ?? 0) + powerW);
    }
  const halves = new Map<number, number>();
  for (const [at, powerW] of quarters) {
    const startsAt = Math.floor(at / HALF_HOUR) * HALF_HOUR;
    halves.set(startsAt, Math.max(halves.get(startsAt) ?? 0, Math.round(powerW)));
  }
  return [...halves]
    .map(([startsAt, loadW]) => ({ startsAt, loadW }))
    .sort((a, b) => a.startsAt - b.startsAt);
}

function dayBeforePercent(past: readonly PastLoad[]): number {
  const errors = past.slice(48).map(({ loadW }, i) => Math.abs(past[i]!.loadW - loadW) / loadW);
  return (100 * errors.reduce((sum, error) => sum + error, 0)) / errors.length;
}
