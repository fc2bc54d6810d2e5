import { BIDDING_RULE, createDeepQ } from "#kernel/learning/deepQ.ts";
import { seededRandom } from "#kernel/units/random.ts";
import { createLearningGame, episodesToReach, tryAllPrices } from "#world/response/learningGame.ts";
import { type BenchRow, measuredRow } from "./row.ts";

const WARM_UP = 2_000;
const STEPS = 20_000;
const SEED = 9;
/** Hours and prosumers that differ: a seller with sun in the morning, one with wind at night, a buyer in the evening. */
const GAMES = [
  { name: "seller, 7:00", hour: 7, position: 6 },
  { name: "seller, 2:00", hour: 2, position: 1 },
  { name: "buyer, 19:00", hour: 19, position: 1 },
] as const;
const SHARE = 0.95;
const EPISODES = 2_000;
const LOOK_EVERY = 50;

/**
 * Time of a training step of a bidder, episodes until what it would bid brings 95 % of the best response, for good, and how far on the way from the worst
 * price to the best it is in the end: the profit of the worst is near the best's, since bids decide a part of it only. There is no peer.
 */
export function benchLearning(): BenchRow[] {
  const steps = [trainingStep("without a state", 0), trainingStep("with a state of 5", 5)];
  return [...steps, ...GAMES.flatMap(benchGame)];
}

function benchGame({ name, hour, position }: (typeof GAMES)[number]): BenchRow[] {
  const game = createLearningGame({ seed: 2, hour, position });
  const { best, worst } = tryAllPrices(game);
  const looks = { seed: SEED, episodes: EPISODES, every: LOOK_EVERY };
  const { since, reward } = episodesToReach(game, { ...looks, wanted: SHARE * best });
  const isReached = since === null ? ", NOT REACHED within" : "";
  const way = (100 * (reward - worst)) / (best - worst);
  return [
    row(`95 % of the best response, ${name}${isReached}`, since ?? EPISODES, "episodes"),
    row(`from the worst price to the best after ${EPISODES} episodes, ${name}`, way, "%"),
  ];
}

function trainingStep(name: string, inputs: number): BenchRow {
  const random = seededRandom(SEED);
  const learner = createDeepQ({ ...BIDDING_RULE, inputs }, random);
  const state = inputs === 0 ? {} : { state: Float64Array.from({ length: inputs }, random) };
  const step = () =>
    learner.learn({ ...state, action: Math.floor(random() * BIDDING_RULE.actions), reward: random() });
  for (let i = 0; i < WARM_UP; i += 1) step();
  const startedAt = performance.now();
  for (let i = 0; i < STEPS; i += 1) step();
  return row(`training step, ${name}`, ((performance.now() - startedAt) * 1_000) / STEPS, "us");
}

function row(measuredCase: string, value: number, unit: string): BenchRow {
  return measuredRow({
    bench: "learning",
    case: measuredCase,
    n: BIDDING_RULE.batch,
    value,
    unit,
    peer: null,
    peerValue: null,
  });
}
