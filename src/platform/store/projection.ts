import type { ChainEvent, ContractEvents, Deployment } from "#platform/chain/contractSpec.ts";
import type { Queryable } from "./openStore.ts";

/** An interval of an area, in which energy is measured. */
export type IntervalPlace = { readonly areaId: number; readonly intervalId: number };

/** Members of an area whose readings of an interval a settlement opens. */
export type Opens = (tx: Queryable, place: IntervalPlace) => Promise<ReadonlySet<number>>;

/** Intervals that have something to come, besides those of the last days: their rows are not sealed. */
export type Unfinished = (db: Queryable) => Promise<readonly IntervalPlace[]>;

/**
 * What the projection of one event works with, within the transaction that records it.
 *
 * @property sources archives and other records beside the chain
 * @property opens what the domains together say: the readings' tree sets these members apart
 */
export type Projection<Sources = unknown, Event extends ChainEvent = ChainEvent> = {
  readonly tx: Queryable;
  readonly deployment: Deployment;
  readonly sources: Sources;
  readonly opens: (place: IntervalPlace) => Promise<ReadonlySet<number>>;
  readonly event: Event;
};

/** The domains in the order in which each event is projected, and what they need beside the chain. */
export type Projector<Sources> = {
  readonly domains: readonly {
    readonly contracts?: readonly ContractEvents[];
    readonly project?: (projection: Projection<Sources>) => Promise<void>;
    readonly opens?: Opens;
    readonly unfinished?: Unfinished;
  }[];
  readonly sources: Sources;
};
