import type { LinearSolver } from "#kernel/optimization/linearSolver.ts";
import { type Random, seededRandom } from "#kernel/units/random.ts";
import { type BidStrategy, createLearningBidder } from "./bidStrategy.ts";
import { type CentralOutcome, decideCentrally } from "./centralised.ts";
import { drawDay, drawProsumers, type Prosumer } from "./drawProsumers.ts";
import { createTwoStageMarket, type Day, MEAN_DEMAND_WH, type SlotRun } from "./runDays.ts";
import { TWO_STAGE_CASE } from "./twoStageCase.ts";
import { createPriceWheel, type PriceHistory, type PriceWheel } from "./upstreamPrices.ts";

/**
 * A run of the case.
 *
 * @property days the reported days: the market's slots, and what the aggregator decides for the same
 * @property without the same days in a market in which nobody answers in the second stage
 */
export type TwoStageRun = {
  readonly prosumers: readonly Prosumer[];
  readonly days: readonly {
    readonly market: readonly SlotRun[];
    readonly centralised: readonly CentralOutcome[];
  }[];
  readonly without: readonly (readonly SlotRun[])[];
};

/** Streams of random numbers of different purposes do not meet. */
const STREAMS = { prosumers: 1, days: 2, prices: 3, bidders: 1_000 } as const;

/**
 * Runs the case: bidders learn on days that are not reported, then two days in a row with what they learned, the same days without answers in
 * the second stage, and the same days under the aggregator (R7.21–R7.23). The same seed gives the same run.
 */
export function runTwoStageCase({
  seed,
  history,
  solver,
  withState,
  onDay,
}: {
  readonly seed: number;
  readonly history: PriceHistory;
  readonly solver: LinearSolver;
  readonly withState: boolean;
  readonly onDay?: (done: number, of: number) => void;
}): TwoStageRun {
  const { days: reported, trainingDays, hoursADay, priceFieldMicroPerKwh } = TWO_STAGE_CASE;
  const prosumers = drawProsumers(seededRandom(seed + STREAMS.prosumers));
  const wheels = history.byHour.map((prices) => createPriceWheel(prices, priceFieldMicroPerKwh));
  const days = drawDays(trainingDays + reported, { seed, prosumers, wheels });
  const [training, tested] = [days.slice(0, trainingDays), days.slice(trainingDays)];
  const learned = learnBids(training, { prosumers, seed, withState, onDay });
  const market = runSettled(learned, { prosumers, training, tested, answers: true });
  const without = runSettled(learned, { prosumers, training, tested, answers: false });
  const centralised = decideCentrally(centralSlots(market.flat()), contractedOf(prosumers, tested), solver);
  return {
    prosumers,
    days: market.map((slots, i) => ({
      market: slots,
      centralised: centralised.slice(i * hoursADay, (i + 1) * hoursADay),
    })),
    without,
  };
}

function drawDays(
  count: number,
  {
    seed,
    prosumers,
    wheels,
  }: {
    readonly seed: number;
    readonly prosumers: readonly Prosumer[];
    readonly wheels: readonly PriceWheel[];
  },
): readonly Day[] {
  const [weather, prices] = [seededRandom(seed + STREAMS.days), seededRandom(seed + STREAMS.prices)];
  return Array.from({ length: count }, (_, day) => {
    const spins = day < count - TWO_STAGE_CASE.days ? 1 : TWO_STAGE_CASE.scenarios;
    return {
      draw: drawDay(prosumers, weather),
      upstreamMicroPerKwh: wheels.map((wheel) => meanSpin(wheel, spins, prices)),
    };
  });
}

function meanSpin(wheel: PriceWheel, spins: number, random: Random): number {
  let sum = 0;
  for (let spin = 0; spin < spins; spin += 1) sum += wheel.spin(random);
  return Math.round(sum / spins);
}

/** Bidders that learned against each other in a market with both stages. */
function learnBids(
  days: readonly Day[],
  {
    prosumers,
    seed,
    withState,
    onDay,
  }: {
    readonly prosumers: readonly Prosumer[];
    readonly seed: number;
    readonly withState: boolean;
    readonly onDay: ((done: number, of: number) => void) | undefined;
  },
): readonly BidStrategy[] {
  const strategies = prosumers.map(({ member }) =>
    createLearningBidder({ seed: seed + STREAMS.bidders + member, withState }),
  );
  const market = createTwoStageMarket({ prosumers, strategies, answers: true });
  for (const [i, day] of days.entries()) {
    market.runDay(day);
    onDay?.(i + 1, days.length);
  }
  for (const strategy of strategies) strategy.settle();
  return strategies;
}

/** The reported days with strategies that learn no more, after days on which prices become known. */
function runSettled(
  strategies: readonly BidStrategy[],
  {
    prosumers,
    training,
    tested,
    answers,
  }: {
    readonly prosumers: readonly Prosumer[];
    readonly training: readonly Day[];
    readonly tested: readonly Day[];
    readonly answers: boolean;
  },
): SlotRun[][] {
  const market = createTwoStageMarket({ prosumers, strategies, answers });
  for (const day of training.slice(-TWO_STAGE_CASE.settlingDays)) market.runDay(day);
  return tested.map((day) => market.runDay(day));
}

/** What the aggregator finds: the same generation, and the demand of those who are under no contract. */
function centralSlots(slots: readonly SlotRun[]) {
  return slots.map(({ terms, outcome, fixedWh }) => ({
    terms,
    fixedWh,
    capacityWh: outcome.first.capacityWh,
  }));
}

function contractedOf(prosumers: readonly Prosumer[], days: readonly Day[]) {
  return prosumers.flatMap(({ takesPart, size }, i) =>
    takesPart
      ? [
          {
            utilities: days.flatMap(({ draw }) => draw.flatMap((slots) => slots[i]?.utility ?? [])),
            roomWh: Math.round(TWO_STAGE_CASE.shiftRoom * MEAN_DEMAND_WH * size),
          },
        ]
      : [],
  );
}
