import type { ChainEvent, ContractSpec } from "#platform/chain/contractSpec.ts";
import type { Projector } from "#platform/store/projection.ts";
import { accounts } from "./accounts/domain.ts";
import type { AccountsFact } from "./accounts/events.ts";
import { billing } from "./billing/domain.ts";
import { charging } from "./charging/domain.ts";
import type { ChargingFact } from "./charging/events.ts";
import type { ChargingContext } from "./charging/routes/chargingContext.ts";
import type { Domain } from "./domain.ts";
import { grid } from "./grid/domain.ts";
import { metering } from "./metering/domain.ts";
import type { MeteringFact } from "./metering/events.ts";
import type { ReadingsSources } from "./metering/projections/readings.ts";
import type { PoolAudit } from "./pool/audit/poolState.ts";
import { pool } from "./pool/domain.ts";
import type { PoolFact } from "./pool/events.ts";
import type { PoolSources } from "./pool/projections/poolProjection.ts";
import type { PoolContext } from "./pool/routes/poolContext.ts";

/** What all domains together need beside the chain. */
export type Sources = ReadingsSources & PoolSources;

/** The fields of expertise of this system, each after those that it leans on. */
export const DOMAINS: readonly Domain<PoolContext & ChargingContext, Sources, PoolAudit>[] = [
  accounts,
  metering,
  billing,
  pool,
  grid,
  charging,
];

/** All contracts, in the order in which they are deployed. */
export const CONTRACTS: readonly ContractSpec[] = DOMAINS.flatMap(({ contracts = [] }) => contracts);

/** What the contracts of a community say. */
export type DomainFact = AccountsFact | MeteringFact | PoolFact | ChargingFact;

export type DomainEvent = ChainEvent<DomainFact>;

/** All domains, to be projected with these archives beside the chain. */
export function projectorOf(sources: Sources): Projector<Sources> {
  return { domains: DOMAINS, sources };
}

/** A chain without archives and without a tariff, as an auditor has it. */
export const NO_SOURCES: Sources = { readingsOf: () => [], ordersOf: () => [], tariffOf: () => null };
