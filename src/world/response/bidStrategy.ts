import { priceBounds, type SlotTerms } from "#domains/response/rules/slotBid.ts";
import { marginalValueMicroPerKwh, type Utility } from "#domains/response/rules/utility.ts";
import { BIDDING_RULE, createDeepQ, type DeepQ, type LearningRule } from "#kernel/learning/deepQ.ts";
import { seededRandom } from "#kernel/units/random.ts";

/** What a bidder sees before it bids for a slot. */
export type BidView = {
  readonly hour: number;
  readonly terms: SlotTerms;
  readonly utility: Utility;
  readonly demandWh: number;
  readonly capacityWh: number;
};

/** How a prosumer finds the price of its bid; `learn` takes what the last price brought it, on the scale of `rewardOf`. */
export type BidStrategy = {
  price(view: BidView): number;
  learn?(view: BidView, reward: number): void;
};

/** The price of a part of the range between a slot's bounds, whole micro per kWh. */
function priceAt(part: number, terms: SlotTerms): number {
  const { lowestMicroPerKwh, highestMicroPerKwh } = priceBounds(terms);
  return Math.round(lowestMicroPerKwh + part * (highestMicroPerKwh - lowestMicroPerKwh));
}

/** Bids what the last kWh of its demand is worth to it. */
export const TRUTHFUL: BidStrategy = {
  price: ({ utility, demandWh }) => Math.round(marginalValueMicroPerKwh(utility, demandWh)),
};

/** Bids always the same part of the range. */
export function bidFixedPart(part: number): BidStrategy {
  return { price: ({ terms }) => priceAt(part, terms) };
}

/** The part of the range that an action bids. */
function partOf(action: number, { actions }: Pick<LearningRule, "actions">): number {
  return action / (actions - 1);
}

/** A bidder that learns, which can stop to explore. */
export type LearningBidder = BidStrategy & {
  /** From now on the action of the greatest Q, and no more learning. */
  settle(): void;
  /** What it would bid if it did not explore. */
  readonly greedy: BidStrategy;
};

/** Exploration and memory of a bidder that meets each hour once a day. */
const HOURLY_RULE: LearningRule = {
  ...BIDDING_RULE,
  hidden: [8],
  batch: 8,
  epsilon: { first: 1, last: 0.02, exploredSteps: 120 },
  memory: 600,
};
const STATE_RULE: LearningRule = {
  ...BIDDING_RULE,
  inputs: 5,
  hidden: [24],
  batch: 8,
  memory: 4_000,
  discount: 0.5,
  epsilon: { first: 1, last: 0.02, exploredSteps: 2_000 },
};

/**
 * Deep Q-learning of the bid's price (R7.6). Without a state, the default, the estimated reward of an hour of the day depends on the action alone
 * (R7.7); with one, on the hour, the prosumer's own energy and upstream's price.
 *
 * @param exploredSteps in place of the rule's
 */
export function createLearningBidder({
  seed,
  withState = false,
  exploredSteps,
}: {
  readonly seed: number;
  readonly withState?: boolean;
  readonly exploredSteps?: number;
}): LearningBidder {
  const random = seededRandom(seed);
  const usual = withState ? STATE_RULE : HOURLY_RULE;
  const rule = exploredSteps === undefined ? usual : exploringFor(usual, exploredSteps);
  const byHour = new Map<number, DeepQ>();
  const learnerOf = (hour: number) => {
    const key = withState ? 0 : hour;
    const known = byHour.get(key) ?? createDeepQ(rule, random);
    byHour.set(key, known);
    return known;
  };
  let [action, isSettled] = [0, false];
  let waiting: { state: Float64Array; action: number; reward: number } | null = null;
  const inputs = (view: BidView) => (withState ? stateOf(view) : undefined);
  const bestOf = (view: BidView) => learnerOf(view.hour).best(inputs(view));
  return {
    price(view) {
      action = isSettled ? bestOf(view) : learnerOf(view.hour).choose(inputs(view));
      return priceAt(partOf(action, rule), view.terms);
    },
    learn(view, reward) {
      if (isSettled) return;
      const learner = learnerOf(view.hour);
      if (!withState) {
        learner.learn({ action, reward });
        return;
      }
      const state = stateOf(view);
      if (waiting !== null) learner.learn({ ...waiting, next: state });
      waiting = { state, action, reward };
    },
    settle() {
      isSettled = true;
    },
    greedy: { price: (view) => priceAt(partOf(bestOf(view), rule), view.terms) },
  };
}

/** The same rule with more exploration, and memory for all of it. */
function exploringFor(rule: LearningRule, exploredSteps: number): LearningRule {
  return { ...rule, epsilon: { ...rule.epsilon, exploredSteps }, memory: 2 * exploredSteps };
}

/** Inputs of the size of 1. */
function stateOf({ hour, terms, demandWh, capacityWh }: BidView): Float64Array {
  const angle = (2 * Math.PI * hour) / 24;
  const both = demandWh + capacityWh;
  return Float64Array.of(
    1,
    Math.sin(angle),
    Math.cos(angle),
    both === 0 ? 0 : (demandWh - capacityWh) / both,
    terms.upstreamMicroPerKwh / 100_000,
  );
}
