import { present } from "#kernel/units/assert.ts";
import { seededRandom } from "#kernel/units/random.ts";
import {
  type ChargingDay,
  conventionalPart,
  drawConventionalLoad,
  INTERVALS_A_PERIOD,
  PERIODS,
  STATIONS,
  vehiclesOf,
  type Wish,
} from "./chargingDay.ts";
import type { DayOutcome } from "./dayLedger.ts";
import { usefulW } from "./ongoing.ts";
import { REGIMES, type Regime, runDay } from "./runDay.ts";
import type { ExpectedW } from "./runQuotaDay.ts";

/** Where a day's vehicles come from: a seeded stream gives one day. */
export type DrawWishes = (random: () => number) => readonly Wish[];

/**
 * A day's figures under a regime.
 *
 * @property welfareMicro value to the drivers less the tariff, micro tokens
 * @property jain index of the parts that vehicles got of what they want: 1 when all are alike, 1 ÷ their number when one has all
 * @property unservedPercent of the energy that was wanted
 * @property promisesPercent of the vehicles have all they want when they leave
 * @property peakPercent highest load of the transformer, of its rating
 * @property tradedKw quota that changed hands, over all periods
 */
export type DayFigures = Readonly<
  Record<"welfareMicro" | "jain" | "unservedPercent" | "promisesPercent" | "peakPercent" | "tradedKw", number>
>;

/** A mean over days, and how far on both sides of it the 95 % interval reaches. */
export type Estimate = { readonly mean: number; readonly plusMinus: number };

/** An estimate of each figure of a day. */
export type Estimates = Readonly<Record<keyof DayFigures, Estimate>>;

/**
 * @property expectationErrorW how far a station's new vehicles of a period are from what it expects, W: mean of the distance over stations, periods and
 *   learned days
 * @property overFirstCome of each day's figures less those of the same day by `firstCome`
 */
export type MonteCarlo = {
  readonly days: number;
  readonly seed: number;
  readonly ratingW: number;
  readonly vehiclesADay: number;
  readonly expectationErrorW: number;
  readonly regimes: Readonly<Record<Regime, Estimates>>;
  readonly overFirstCome: Readonly<Record<"traded" | "allocated", Estimates>>;
};

/** Days from which a station learns whom to expect; they are none of those that are reported. */
const LEARNED_DAYS = 20;
/** Streams of different purposes do not meet: far more than days of a run. */
const LEARNING_SEED = 1_000_000_007;
/** A rating that is not told leaves so much of the unlimited peak at the busiest time of the conventional load. */
const SCARCITY = 0.4;
const WH_SHORT = 1;

/**
 * Runs days that are drawn from one seed, each under every regime, and estimates what they come to. The same seed gives the same
 * vehicles and loads to all regimes.
 *
 * @param ratingW of the transformer; without it one that leaves 40 % of the learned days' mean peak of charging at the busiest
 *   time of the conventional load
 */
export function runMonteCarlo({
  days,
  seed,
  draw,
  ratingW,
  onDay,
}: {
  readonly days: number;
  readonly seed: number;
  readonly draw: DrawWishes;
  readonly ratingW?: number | undefined;
  readonly onDay?: (done: number) => void;
}): MonteCarlo {
  const learned = learn(draw, seed);
  const rating = ratingW ?? ratingFor(learned.peakW);
  const figures: Record<Regime, DayFigures[]> = { traded: [], allocated: [], firstCome: [], unlimited: [] };
  let vehicles = 0;
  for (let i = 0; i < days; i += 1) {
    const day = drawDay(draw, { seed: seed + i, ratingW: rating });
    vehicles += day.vehicles.length;
    for (const regime of REGIMES)
      figures[regime].push(figuresOf(day, runDay(day, regime, learned.expectedW)));
    onDay?.(i + 1);
  }
  const [traded, allocated] = [estimateAll(figures.traded), estimateAll(figures.allocated)];
  const [firstCome, unlimited] = [estimateAll(figures.firstCome), estimateAll(figures.unlimited)];
  const regimes = { traded, allocated, firstCome, unlimited };
  const over = (of: readonly DayFigures[]) =>
    estimateAll(of.map((each, i) => difference(each, present(figures.firstCome[i], "the same day"))));
  const overFirstCome = { traded: over(figures.traded), allocated: over(figures.allocated) };
  const { errorW: expectationErrorW } = learned;
  return {
    days,
    seed,
    ratingW: rating,
    vehiclesADay: vehicles / days,
    expectationErrorW,
    regimes,
    overFirstCome,
  };
}

/** One day of a seed. */
export function drawDay(draw: DrawWishes, { seed, ratingW }: { seed: number; ratingW: number }): ChargingDay {
  const random = seededRandom(seed);
  const vehicles = vehiclesOf(draw(random), random);
  return { vehicles, ratingW, ...drawConventionalLoad(ratingW, random) };
}

/**
 * What each station may expect of vehicles that it does not know of when it demands, by station and period: the mean of other days, with
 * the mean error of that; and the mean of these days' highest charging power.
 */
export function learn(
  draw: DrawWishes,
  seed: number,
): { readonly expectedW: ExpectedW; readonly errorW: number; readonly peakW: number } {
  const days = Array.from({ length: LEARNED_DAYS }, (_, i) =>
    drawDay(draw, { seed: seed + LEARNING_SEED + i, ratingW: 1 }),
  );
  const comingW = days.map(unknownW);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const places = Array.from({ length: STATIONS }, (_, station) =>
    Array.from({ length: PERIODS }, (__, period) => comingW.map((powers) => powers[station]?.[period] ?? 0)),
  );
  const expectedW = places.map((periods) => periods.map(mean));
  const errors = places.flatMap((periods) =>
    periods.map((powers) => mean(powers.map((powerW) => Math.abs(powerW - mean(powers))))),
  );
  const peakW = mean(days.map((day) => Math.max(...runDay(day, "unlimited", []).stationsW)));
  return { expectedW, errorW: mean(errors), peakW };
}

/** What those vehicles of a day could use, by station and period, of which their station does not know when it demands, W. */
function unknownW(day: ChargingDay): number[][] {
  const sums = Array.from({ length: STATIONS }, () => new Array<number>(PERIODS).fill(0));
  for (const vehicle of day.vehicles.filter(({ isAnnounced }) => !isAnnounced)) {
    const own = present(sums[vehicle.station - 1], `station ${vehicle.station}`);
    for (let period = 0; period < PERIODS; period += 1) {
      const known = (period - 1) * INTERVALS_A_PERIOD;
      const isNew = vehicle.from > known && vehicle.from < known + 2 * INTERVALS_A_PERIOD;
      if (isNew && vehicle.until > known + INTERVALS_A_PERIOD)
        own[period] = (own[period] ?? 0) + usefulW({ vehicle, leftWh: vehicle.wantedWh }, PERIOD_HOURS);
    }
  }
  return sums;
}

const PERIOD_HOURS = 0.5;

function ratingFor(peakW: number): number {
  const busiest = Math.max(...Array.from({ length: PERIODS }, (_, period) => conventionalPart(period)));
  return Math.ceil((SCARCITY * peakW) / (1 - busiest) / 1_000) * 1_000;
}

/** What a day came to. */
export function figuresOf(day: ChargingDay, outcome: DayOutcome): DayFigures {
  const wantedWh = day.vehicles.reduce((sum, vehicle) => sum + vehicle.wantedWh, 0);
  const takenWh = outcome.takenWh.reduce((sum, energyWh) => sum + energyWh, 0);
  const parts = day.vehicles.map((vehicle, i) => (outcome.takenWh[i] ?? 0) / vehicle.wantedWh);
  const kept = day.vehicles.filter((vehicle, i) => vehicle.wantedWh - (outcome.takenWh[i] ?? 0) < WH_SHORT);
  const loadsW = outcome.stationsW.map((powerW, i) => powerW + (day.conventionalW[i] ?? 0));
  return {
    welfareMicro: outcome.worthMicro,
    jain: jainIndex(parts),
    unservedPercent: 100 * (1 - takenWh / wantedWh),
    promisesPercent: (100 * kept.length) / day.vehicles.length,
    peakPercent: (100 * Math.max(...loadsW)) / day.ratingW,
    tradedKw: outcome.tradedW / 1_000,
  };
}

/** (Σx)² ÷ (n Σx²), Jain, Chiu and Hawe 1984; 1 for nobody, and for nothing. */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares);
}

function difference(one: DayFigures, other: DayFigures): DayFigures {
  return {
    welfareMicro: one.welfareMicro - other.welfareMicro,
    jain: one.jain - other.jain,
    unservedPercent: one.unservedPercent - other.unservedPercent,
    promisesPercent: one.promisesPercent - other.promisesPercent,
    peakPercent: one.peakPercent - other.peakPercent,
    tradedKw: one.tradedKw - other.tradedKw,
  };
}

function estimateAll(days: readonly DayFigures[]): Estimates {
  const of = (figure: keyof DayFigures) => estimate(days.map((each) => each[figure]));
  return {
    welfareMicro: of("welfareMicro"),
    jain: of("jain"),
    unservedPercent: of("unservedPercent"),
    promisesPercent: of("promisesPercent"),
    peakPercent: of("peakPercent"),
    tradedKw: of("tradedKw"),
  };
}

/** Student's t for 95 % on both sides by degrees of freedom 1 … 30; beyond, the normal distribution's is within 2 %. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const;
const NORMAL = 1.96;

/** Mean of independent values with its 95 % interval; of one value the interval is unknown, and told as 0. */
export function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, plusMinus: 0 };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const quantile = STUDENT[values.length - 2] ?? NORMAL;
  return { mean, plusMinus: quantile * Math.sqrt(variance / values.length) };
}
