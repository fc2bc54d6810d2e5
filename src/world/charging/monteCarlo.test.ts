import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { drawWishes } from "./drawWishes.ts";
import { drawDay, estimate, figuresOf, jainIndex, learn, runMonteCarlo } from "./monteCarlo.ts";
import { drawRecordedWishes, readRecordedSessions } from "./recordedSessions.ts";
import { REGIMES, runDay } from "./runDay.ts";

const SCARCE_W = 260_000;
const DAYS = 4;
const { expectedW } = learn(drawWishes, 1);
const days = Array.from({ length: DAYS }, (_, i) => drawDay(drawWishes, { seed: 1 + i, ratingW: SCARCE_W }));
const outcomes = days.map((day) =>
  REGIMES.map((regime) => ({ day, regime, outcome: runDay(day, regime, expectedW) })),
);
const limited = outcomes.flat().filter(({ regime }) => regime !== "unlimited");

describe("a day under each regime", () => {
  it("never loads the transformer above its rating, but where nobody limits", () => {
    for (const { day, outcome } of limited)
      expect(figuresOf(day, outcome).peakPercent).toBeLessThanOrEqual(100);
    const peaks = outcomes.map(
      ([, , , unlimited]) => figuresOf(unlimited!.day, unlimited!.outcome).peakPercent,
    );
    expect(Math.min(...peaks)).toBeGreaterThan(100);
  });

  it("gives nobody more than is wanted, and nobody draws above a quota", () => {
    for (const { day, outcome } of outcomes.flat()) {
      for (const [i, { wantedWh }] of day.vehicles.entries())
        expect(outcome.takenWh[i]).toBeLessThanOrEqual(wantedWh + 1e-6);
      expect(outcome.penaltyMicro).toBe(0n);
      const stationsWh = outcome.stationsW.reduce((sum, powerW) => sum + powerW / 4, 0);
      expect(outcome.takenWh.reduce((sum, energyWh) => sum + energyWh, 0)).toBeCloseTo(stationsWh, 3);
    }
  });

  it("keeps all promises without limits, and trade moves quota to where it is worth more", () => {
    const worth = { traded: 0, allocated: 0 };
    for (const [traded, allocated, , unlimited] of outcomes) {
      expect(figuresOf(unlimited!.day, unlimited!.outcome)).toMatchObject({ promisesPercent: 100, jain: 1 });
      expect(traded!.outcome.tradedW).toBeGreaterThan(0);
      worth.traded += traded!.outcome.worthMicro;
      worth.allocated += allocated!.outcome.worthMicro;
    }
    expect(worth.traded).toBeGreaterThan(worth.allocated);
  });
});

it("one seed gives one report, another seed another", () => {
  const run = (seed: number) => runMonteCarlo({ days: 2, seed, draw: drawWishes });
  expect(run(7)).toEqual(run(7));
  expect(run(8).regimes.allocated.welfareMicro).not.toEqual(run(7).regimes.allocated.welfareMicro);
});

it("Jain's index and the 95 % interval of a mean", () => {
  expect(jainIndex([1, 1, 1, 1])).toBe(1);
  expect(jainIndex([1, 0, 0, 0])).toBe(0.25);
  expect(jainIndex([])).toBe(1);
  expect(estimate([1, 2, 3])).toEqual({ mean: 2, plusMinus: expect.closeTo(4.303 / Math.sqrt(3), 9) });
  expect(estimate([5])).toEqual({ mean: 5, plusMinus: 0 });
});

const DATA = join(import.meta.dirname, "../../../../shared/data/charging");
const hasRecordings = existsSync(DATA);

it.skipIf(!hasRecordings)(`recorded sessions${hasRecordings ? "" : " (skipped: no data)"}`, () => {
  const [file] = readdirSync(DATA).filter((name) => name.endsWith(".csv"));
  const sessions = readRecordedSessions(file!, readFileSync(join(DATA, file!), "utf8"));
  expect(sessions).toMatchObject({ rows: 3_395, mendedYears: 3_395 });
  const { regimes } = runMonteCarlo({
    days: 2,
    seed: 1,
    draw: (random) => drawRecordedWishes(sessions, random),
  });
  expect(regimes.allocated.peakPercent.mean).toBeLessThanOrEqual(100);
  expect(regimes.unlimited.promisesPercent.mean).toBe(100);
});
