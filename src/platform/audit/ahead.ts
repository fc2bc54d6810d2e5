import type { ChainEvent } from "#platform/chain/contractSpec.ts";

/**
 * What a domain computes of an event without the history before it: ahead of the replay, in any thread. `compute` gives
 * plain data, which threads can post to each other, or undefined for nothing; `adopt` lets the replay, in its thread, find
 * it instead of computing it.
 */
export type Ahead = {
  compute(event: ChainEvent): Promise<unknown>;
  adopt(event: ChainEvent, computed: unknown): void;
};

/** Those of all domains as one. */
export function joinAhead(list: readonly Ahead[]): Ahead {
  return {
    async compute(event) {
      const computed: unknown[] = [];
      for (const ahead of list) computed.push(await ahead.compute(event));
      return computed.some((one) => one !== undefined) ? computed : undefined;
    },
    adopt(event, computed) {
      if (computed === undefined) return;
      for (const [i, ahead] of list.entries()) {
        const one = (computed as readonly unknown[])[i];
        if (one !== undefined) ahead.adopt(event, one);
      }
    },
  };
}
