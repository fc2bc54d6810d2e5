import type { ChainEvent, Deployment } from "#platform/chain/contractSpec.ts";

/** How much an audit has verified, by what was verified: "pool.clearings". */
export type Counts = Record<string, number>;

/** What the replay of every domain works with. */
export type AuditBase = { readonly deployment: Deployment; readonly counts: Counts };

/** A domain's rules while a history is replayed, event by event, in the order of the chain. Throws DiscrepancyFound. */
export type Replay = {
  apply(event: ChainEvent): Promise<void> | void;
  /** After the last event. */
  finish?(): Promise<void> | void;
  /** What could not be verified, in sentences. */
  notes?(): readonly string[];
};
