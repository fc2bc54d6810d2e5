import { createLocalClock } from "#kernel/units/localClock.ts";
import { normalDeviate, seededRandom } from "#kernel/units/random.ts";
import { standardDay, standardLoadW } from "#world/simulation/standardLoad.ts";
import type { DepotScenario } from "./depotScenario.ts";

const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
const MILLIS_PER_SECOND = 1_000;
/** Spread of an hour's load around the standard shape: many households together. */
const SPREAD = 0.06;
const LEAST_FACTOR = 0.5;
const HOUR_STRIDE = 0x9e3779b9;

/** What a transformer bears besides its charging stations. Mean powers in W over an interval that starts at a unix second. */
export type ConventionalLoad = {
  /** The standard shape, as a first forecast without any reading. */
  usualW(at: number): number;
  /** What it is. */
  actualW(at: number): number;
};

/**
 * Households of the standard shape (docs/model/household.md) behind the transformer; hours lie around it by a seeded factor, with a
 * straight line in between.
 */
export function createConventionalLoad({
  conventionalKwhPerYear,
  seed,
  timeZone,
}: Pick<DepotScenario, "conventionalKwhPerYear" | "seed" | "timeZone">): ConventionalLoad {
  const clock = createLocalClock(timeZone);
  const usualW = (at: number) => {
    const local = at + clock.offsetAt(at);
    const day = new Date(Math.floor(local / SECONDS_PER_DAY) * SECONDS_PER_DAY * MILLIS_PER_SECOND);
    const newYear = Date.UTC(day.getUTCFullYear(), 0, 1);
    const dayOfYear = 1 + Math.round((day.getTime() - newYear) / MILLIS_PER_SECOND / SECONDS_PER_DAY);
    const hour = (local % SECONDS_PER_DAY) / SECONDS_PER_HOUR;
    return standardLoadW(standardDay(dayOfYear, day.getUTCDay()), conventionalKwhPerYear, hour);
  };
  const factorOf = (hour: number) => {
    const random = seededRandom(Math.imul(hour, HOUR_STRIDE) ^ seed ^ CONVENTIONAL_SEED);
    return Math.max(LEAST_FACTOR, 1 + SPREAD * normalDeviate(random));
  };
  return {
    usualW,
    actualW(at) {
      const hour = Math.floor(at / SECONDS_PER_HOUR);
      const part = at / SECONDS_PER_HOUR - hour;
      return usualW(at) * ((1 - part) * factorOf(hour) + part * factorOf(hour + 1));
    },
  };
}

const CONVENTIONAL_SEED = 0x2c1b3c6d;
