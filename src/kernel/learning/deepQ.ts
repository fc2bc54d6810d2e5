import { assert } from "#kernel/units/assert.ts";
import type { Random } from "#kernel/units/random.ts";
import { createNetwork, createPass, type Network, type Pass, runBackward, runForward } from "./network.ts";
import { createReplayMemory, type Transition } from "./replayMemory.ts";

/**
 * How a learner learns (R7.6; the names are apart where the source uses one symbol for two things, E7.2).
 *
 * @property inputs length of a state; 0 takes the estimated reward as independent of the state, which is the default of agents (R7.7)
 * @property actions how many there are to choose from
 * @property hidden units of the layers between
 * @property discount 0 … 1, weight of what comes after
 * @property epsilon share of random actions, from the first step to the last of `exploredSteps`, falling evenly
 * @property stepSize of the gradient descent
 * @property batch transitions a training step
 * @property memory transitions that are kept
 */
export type LearningRule = {
  readonly inputs: number;
  readonly actions: number;
  readonly hidden: readonly number[];
  readonly discount: number;
  readonly epsilon: { readonly first: number; readonly last: number; readonly exploredSteps: number };
  readonly stepSize: number;
  readonly batch: number;
  readonly memory: number;
};

/** A rule that serves bids: ten or so actions, rewards of the size of 1. */
export const BIDDING_RULE: LearningRule = {
  inputs: 0,
  actions: 11,
  hidden: [16],
  discount: 0,
  epsilon: { first: 1, last: 0.02, exploredSteps: 250 },
  stepSize: 0.05,
  batch: 16,
  memory: 400,
};

/** Deep Q-learning with experience replay: one agent, its network, its memory and its own random numbers. */
export type DeepQ = {
  readonly rule: LearningRule;
  /** ε-greedy: a random action, or that of the greatest Q. */
  choose(state?: ArrayLike<number>): number;
  /** The action of the greatest Q, without exploring; of equal ones the first. */
  best(state?: ArrayLike<number>): number;
  /** Keeps an experience, and takes one gradient step over a random part of the memory. */
  learn(experience: {
    readonly state?: ArrayLike<number>;
    readonly action: number;
    readonly reward: number;
    readonly next?: ArrayLike<number> | null;
  }): void;
  /** Q of each action in a state. */
  values(state?: ArrayLike<number>): Float64Array;
};

/** Without a state the network sees this. */
const NO_STATE = Float64Array.of(1);

/** A learner with random weights; the same stream of numbers gives the same learner. */
export function createDeepQ(rule: LearningRule, random: Random): DeepQ {
  assert(rule.discount >= 0 && rule.discount <= 1, `a discount of ${rule.discount} is outside 0 … 1`);
  const network = createNetwork([Math.max(1, rule.inputs), ...rule.hidden, rule.actions], random);
  const pass = createPass(network);
  const gradient = new Float64Array(network.weights.length);
  const memory = createReplayMemory(rule.memory);
  let steps = 0;
  const values = (state: ArrayLike<number> = NO_STATE) => runForward(network, state, pass);
  const best = (state?: ArrayLike<number>) => indexOfGreatest(values(state));
  return {
    rule,
    best,
    values: (state) => values(state).slice(),
    choose: (state) =>
      random() < epsilonAt(rule, steps) ? Math.floor(random() * rule.actions) : best(state),
    learn({ state = NO_STATE, action, reward, next = null }) {
      memory.store({
        state: Float64Array.from(state),
        action,
        reward,
        next: next === null ? null : Float64Array.from(next),
      });
      steps += 1;
      const batch = memory.sample(rule.batch, random);
      stepDown(network, { batch, rule, pass, gradient });
    },
  };
}

/** The target of the update: r of a last transition, r + discount · max Q(φ′, a′) of any other (R7.6). */
export function targetOf(
  { reward, next }: Pick<Transition, "reward" | "next">,
  {
    discount,
    greatestNext,
  }: { readonly discount: number; readonly greatestNext: (next: Float64Array) => number },
): number {
  return next === null || discount === 0 ? reward : reward + discount * greatestNext(next);
}

/** One step of gradient descent on the mean of (y − Q(φ, a; θ))² over a batch. */
function stepDown(
  network: Network,
  {
    batch,
    rule: { discount, stepSize },
    pass,
    gradient,
  }: {
    readonly batch: readonly Transition[];
    readonly rule: LearningRule;
    readonly pass: Pass;
    readonly gradient: Float64Array;
  },
): void {
  addSquaredErrorGradient(network, { batch, discount, pass, gradient: gradient.fill(0) });
  const { weights } = network;
  for (let i = 0; i < weights.length; i += 1)
    weights[i] = (weights[i] as number) - stepSize * (gradient[i] as number);
}

/** Adds the gradient of the mean of (y − Q)², the targets y held fast. */
export function addSquaredErrorGradient(
  network: Network,
  {
    batch,
    discount,
    pass,
    gradient,
  }: {
    readonly batch: readonly Transition[];
    readonly discount: number;
    readonly pass: Pass;
    readonly gradient: Float64Array;
  },
): void {
  const outputErrors = new Float64Array(network.sizes.at(-1) as number);
  const greatestNext = (next: Float64Array) => Math.max(...runForward(network, next, pass));
  for (const transition of batch) {
    const target = targetOf(transition, { discount, greatestNext });
    const outputs = runForward(network, transition.state, pass);
    const { action } = transition;
    outputErrors.fill(0);
    outputErrors[action] = (2 * ((outputs[action] as number) - target)) / batch.length;
    runBackward(network, { outputErrors, pass, gradient });
  }
}

function epsilonAt({ epsilon: { first, last, exploredSteps } }: LearningRule, step: number): number {
  return step >= exploredSteps ? last : first + ((last - first) * step) / exploredSteps;
}

function indexOfGreatest(values: Float64Array): number {
  let greatest = 0;
  for (let i = 1; i < values.length; i += 1)
    if ((values[i] as number) > (values[greatest] as number)) greatest = i;
  return greatest;
}
