import { BIDDING_RULE, createDeepQ, type DeepQ, type LearningRule } from "#kernel/learning/deepQ.ts";
import { seededRandom } from "#kernel/units/random.ts";
import type { PriceRange } from "./bidding.ts";
import type { Bidder, Home } from "./home.ts";

/** What a home that sees a state knows of the interval: the time of day, and the price that is expected. */
export type BidState = {
  readonly dayPart: number;
  readonly expectedMicroPerKwh: number;
  readonly range: PriceRange;
};

/**
 * What a home chose for an interval, kept until its outcome is known.
 *
 * @property side that the choice is for
 * @property action step of the price range that it gives up
 */
export type BidChoice = {
  readonly side: "buying" | "selling";
  readonly action: number;
  readonly state: Float64Array;
};

/** A home that learns its limit prices by deep Q-learning (R7.6, R7.7; `docs/two-stage-market.md`). */
export type HomeLearner = {
  choose(side: BidChoice["side"], state: BidState): BidChoice;
  /** @param reward share of the range that was gained on what was wanted, 0 … 1 */
  learn(choice: BidChoice, reward: number): void;
};

const STATE_RULE: LearningRule = {
  ...BIDDING_RULE,
  inputs: 4,
  discount: 0.5,
  epsilon: { ...BIDDING_RULE.epsilon, exploredSteps: 500 },
  memory: 1_000,
};
/** Buying and selling are learned apart, each with a stream of random numbers of its own. */
const SIDE_SEEDS = { buying: 0x85ebca6b, selling: 0xc2b2ae35 } as const;
const SEED_STRIDE = 0x9e3779b9;

/** The learners of the homes that chose one, by position; null of all others. */
export function createLearners(homes: readonly Home[], seed: number): readonly (HomeLearner | null)[] {
  return homes.map(({ attitude: { bidder = "experience" }, member }) =>
    bidder === "experience" ? null : createLearner(bidder, (Math.imul(member, SEED_STRIDE) ^ seed) >>> 0),
  );
}

/** The part of the price range that an action gives up, 0 … 1. */
export function givenUp({ action }: Pick<BidChoice, "action">): number {
  return action / (BIDDING_RULE.actions - 1);
}

/** What a home gained on its main order, as a share of what the range could give it at most; both energies in Wh. */
export function gainOf(
  { lowestMicroPerKwh, highestMicroPerKwh }: PriceRange,
  {
    wantedWh,
    tradedWh,
    paid,
  }: { readonly wantedWh: number; readonly tradedWh: number; readonly paid: number },
): number {
  const most = Math.abs(wantedWh) * (highestMicroPerKwh - lowestMicroPerKwh);
  if (most <= 0) return 0;
  const reference = wantedWh > 0 ? highestMicroPerKwh : lowestMicroPerKwh;
  return Math.min(1, Math.max(0, (reference * tradedWh - paid) / most));
}

function createLearner(bidder: Exclude<Bidder, "experience">, seed: number): HomeLearner {
  const seesState = bidder === "deepQWithState";
  const rule = seesState ? STATE_RULE : BIDDING_RULE;
  const sideOf = (side: BidChoice["side"]) => createDeepQ(rule, seededRandom(seed ^ SIDE_SEEDS[side]));
  const learners = { buying: sideOf("buying"), selling: sideOf("selling") };
  // With a state an experience is whole only when the state after it is known.
  const waiting: { buying?: Experienced; selling?: Experienced } = {};
  return {
    choose(side, state) {
      const inputs = seesState ? inputsOf(state) : NO_INPUTS;
      return { side, action: choose(learners[side], inputs), state: inputs };
    },
    learn({ side, action, state }, reward) {
      if (!seesState) {
        learners[side].learn({ action, reward });
        return;
      }
      const before = waiting[side];
      if (before !== undefined) learners[side].learn({ ...before, next: state });
      waiting[side] = { state, action, reward };
    },
  };
}

type Experienced = { readonly state: Float64Array; readonly action: number; readonly reward: number };

const NO_INPUTS = new Float64Array(0);

function choose(learner: DeepQ, inputs: Float64Array): number {
  return inputs.length === 0 ? learner.choose() : learner.choose(inputs);
}

function inputsOf({ dayPart, expectedMicroPerKwh, range }: BidState): Float64Array {
  const width = range.highestMicroPerKwh - range.lowestMicroPerKwh;
  const angle = 2 * Math.PI * dayPart;
  const level = width > 0 ? (expectedMicroPerKwh - range.lowestMicroPerKwh) / width : 0;
  return Float64Array.of(1, Math.sin(angle), Math.cos(angle), level);
}
