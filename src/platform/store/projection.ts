import type { ChainEvent, Deployment } from "#platform/chain/contractSpec.ts";
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
