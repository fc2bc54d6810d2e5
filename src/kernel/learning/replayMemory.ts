import type { Random } from "#kernel/units/random.ts";

/**
 * One experience: in a state (φ_t) an action (a_t) earned a reward (r_t), and led to the next state (φ_{t+1}); null ends the episode.
 */
export type Transition = {
  readonly state: Float64Array;
  readonly action: number;
  readonly reward: number;
  readonly next: Float64Array | null;
};

/** Replay memory D (R7.6): the newest transitions, up to its capacity. */
export type ReplayMemory = {
  readonly size: () => number;
  store(transition: Transition): void;
  /** `count` transitions, each drawn from all of them alike. */
  sample(count: number, random: Random): Transition[];
};

export function createReplayMemory(capacity: number): ReplayMemory {
  const kept: Transition[] = [];
  let stored = 0;
  return {
    size: () => kept.length,
    store(transition) {
      kept[stored % capacity] = transition;
      stored += 1;
    },
    sample: (count, random) =>
      kept.length === 0
        ? []
        : Array.from({ length: count }, () => kept[Math.floor(random() * kept.length)] as Transition),
  };
}
