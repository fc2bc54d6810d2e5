import type { ChainEvent, ContractEvents, Deployment } from "#platform/chain/contractSpec.ts";
import type { Queryable } from "./openStore.ts";

/**
 * What the projection of one event works with, within the transaction that records it.
 *
 * @property sources archives and other records beside the chain
 */
export type Projection<Sources = unknown, Event extends ChainEvent = ChainEvent> = {
  readonly tx: Queryable;
  readonly deployment: Deployment;
  readonly sources: Sources;
  readonly event: Event;
};

/** The domains in the order in which each event is projected, and what they need beside the chain. */
export type Projector<Sources> = {
  readonly domains: readonly {
    readonly contracts?: readonly ContractEvents[];
    readonly project?: (projection: Projection<Sources>) => Promise<void>;
  }[];
  readonly sources: Sources;
};
