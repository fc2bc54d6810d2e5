import type { TariffSource } from "#domains/billing/projections/bills.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import type { ArchivedOrder } from "#domains/pool/orderArchive.ts";
import type { Projection } from "#platform/store/projection.ts";

/** What the projection of the market needs beside the chain. It gives the same answer whenever the database is rebuilt. */
export type PoolSources = TariffSource & {
  /** The orders of an interval that the operator's desk accepted, with those that the chain refused, in any order. */
  readonly ordersOf: (areaId: number, intervalId: number) => readonly ArchivedOrder[];
};

/** The projection of an event of the pool market. */
export type PoolProjection<Kind extends PoolEvent["kind"]> = Projection<PoolSources, PoolEvent<Kind>>;
