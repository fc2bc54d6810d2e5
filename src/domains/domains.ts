import { accounts } from "#domains/accounts/domain.ts";
import type { AccountsFact } from "#domains/accounts/events.ts";
import { billing } from "#domains/billing/domain.ts";
import { metering } from "#domains/metering/domain.ts";
import type { MeteringFact } from "#domains/metering/events.ts";
import type { ReadingsSources } from "#domains/metering/projections/readings.ts";
import type { PoolAudit } from "#domains/pool/audit/poolState.ts";
import { pool } from "#domains/pool/domain.ts";
import type { PoolFact } from "#domains/pool/events.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import type { ChainEvent, ContractSpec } from "#platform/chain/contractSpec.ts";
import type { Projector } from "#platform/store/projection.ts";
import type { Domain } from "./domain.ts";
import type { PoolSources } from "./pool/projections/poolProjection.ts";

/** What all domains together need beside the chain. */
export type Sources = ReadingsSources & PoolSources;

/** The fields of expertise of this system, each after those that it leans on. */
export const DOMAINS: readonly Domain<ApiContext, Sources, PoolAudit>[] = [accounts, metering, billing, pool];

/** All contracts, in the order in which they are deployed. */
export const CONTRACTS: readonly ContractSpec[] = DOMAINS.flatMap(({ contracts = [] }) => contracts);

/** What the contracts of these domains say. */
export type DomainFact = AccountsFact | MeteringFact | PoolFact;

export type DomainEvent = ChainEvent<DomainFact>;

/** All domains, to be projected with these archives beside the chain. */
export function projectorOf(sources: Sources): Projector<Sources> {
  return { domains: DOMAINS, sources };
}

/** A chain without archives and without a tariff, as an auditor has it. */
export const NO_SOURCES: Sources = { readingsOf: () => [], ordersOf: () => [], tariffOf: () => null };
