import { describe, expect, it } from "vitest";
import { seededRandom } from "#kernel/units/random.ts";
import { addSquaredErrorGradient, BIDDING_RULE, createDeepQ, targetOf } from "./deepQ.ts";
import { createNetwork, createPass, type Network, runForward } from "./network.ts";
import { createReplayMemory, type Transition } from "./replayMemory.ts";

const transition = (random: () => number, actions: number, isLast: boolean): Transition => ({
  state: Float64Array.from({ length: 3 }, () => random() * 2 - 1),
  action: Math.floor(random() * actions),
  reward: random(),
  next: isLast ? null : Float64Array.from({ length: 3 }, () => random() * 2 - 1),
});

describe("network", () => {
  it("has the gradient that finite differences give, targets held fast (R7.6)", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const random = seededRandom(seed);
      const network = createNetwork([3, 7, 5, 4], random);
      const batch = Array.from({ length: 6 }, (_, i) => transition(random, 4, i % 2 === 0));
      const pass = createPass(network);
      const gradient = new Float64Array(network.weights.length);
      addSquaredErrorGradient(network, { batch, discount: 0.9, pass, gradient });
      const targets = batch.map((each) =>
        targetOf(each, {
          discount: 0.9,
          greatestNext: (next) => Math.max(...runForward(network, next, pass)),
        }),
      );
      const loss = ({ sizes, weights }: Network) =>
        batch.reduce((sum, { state, action }, i) => {
          const [value, target] = [runForward({ sizes, weights }, state, pass)[action]!, targets[i]!];
          return sum + (target - value) ** 2 / batch.length;
        }, 0);
      for (let i = 0; i < network.weights.length; i += 1) {
        const moved = (by: number) => {
          const weights = network.weights.slice();
          weights[i] = weights[i]! + by;
          return loss({ sizes: network.sizes, weights });
        };
        expect(gradient[i]).toBeCloseTo((moved(1e-6) - moved(-1e-6)) / 2e-6, 5);
      }
    }
  });
});

describe("deep Q-learning", () => {
  it("aims at r where an episode ends, else at r + discount · max Q′ (R7.6, E7.2)", () => {
    const greatestNext = ([first]: Float64Array) => 10 * first!;
    const next = Float64Array.of(2);
    expect(targetOf({ reward: 3, next: null }, { discount: 0.5, greatestNext })).toBe(3);
    expect(targetOf({ reward: 3, next }, { discount: 0.5, greatestNext })).toBe(13);
    expect(() => createDeepQ({ ...BIDDING_RULE, discount: 20 }, seededRandom(1))).toThrow(
      "a discount of 20 is outside 0 … 1",
    );
  });

  it("keeps the newest experiences and draws from all that it has", () => {
    const memory = createReplayMemory(3);
    const random = seededRandom(1);
    expect(memory.sample(2, random)).toEqual([]);
    for (const reward of [1, 2, 3, 4])
      memory.store({ state: Float64Array.of(1), action: 0, reward, next: null });
    expect(memory.size()).toBe(3);
    expect(new Set(memory.sample(100, random).map(({ reward }) => reward))).toEqual(new Set([2, 3, 4]));
  });

  it("finds the best of noisy actions without a state, the same by the same seed (R7.7)", () => {
    const run = (seed: number) => {
      const random = seededRandom(seed);
      const learner = createDeepQ(BIDDING_RULE, random);
      for (let step = 0; step < 600; step += 1) {
        const action = learner.choose();
        learner.learn({ action, reward: 1 - Math.abs(action - 7) / 10 + 0.2 * (random() - 0.5) });
      }
      return learner;
    };
    expect([11, 12, 13].map((seed) => Math.abs(run(seed).best() - 7)).every((away) => away <= 1)).toBe(true);
    expect(run(11).values()).toEqual(run(11).values());
    expect(run(11).values()).not.toEqual(run(12).values());
  });

  it("learns what depends on the state, and what comes after it", () => {
    const random = seededRandom(3);
    const rule = { ...BIDDING_RULE, inputs: 2, actions: 2, discount: 0.9, stepSize: 0.1 };
    const learner = createDeepQ(rule, random);
    const [start, middle] = [
      [1, 0],
      [0, 1],
    ];
    // Action 0 ends with 0.3 at once; action 1 leads on to where action 0 earns 1.
    for (let step = 0; step < 1_500; step += 1) {
      const action = learner.choose(start);
      if (action === 0) {
        learner.learn({ state: start!, action, reward: 0.3 });
        continue;
      }
      learner.learn({ state: start!, action, reward: 0, next: middle! });
      const second = learner.choose(middle);
      learner.learn({ state: middle!, action: second, reward: second === 0 ? 1 : 0 });
    }
    expect([learner.best(start), learner.best(middle)]).toEqual([1, 0]);
    expect(learner.values(start)[1]).toBeCloseTo(0.9, 1);
  });
});
