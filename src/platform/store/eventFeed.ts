/** Tells its listeners that new events are in the database. */
export type EventFeed = {
  publish(events: readonly ChainEvent[]): void;
  /** Gives back the function that ends the subscription. */
  subscribe(listener: (events: readonly ChainEvent[]) => void): () => void;
};

export function createEventFeed(): EventFeed {
  const listeners = new Set<(events: readonly ChainEvent[]) => void>();
  return {
    publish(events) {
      for (const listener of [...listeners]) listener(events);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

import type { ChainEvent } from "#platform/chain/contractSpec.ts";
