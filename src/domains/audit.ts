import { replayMoney } from "#domains/accounts/audit/auditMoney.ts";
import { replayRegistry } from "#domains/accounts/audit/auditRegistry.ts";
import type { BalanceSource } from "#domains/accounts/audit/compareBooks.ts";
import { balancesOnChain } from "#domains/accounts/audit/readBalances.ts";
import type { ReadingSource } from "#domains/metering/audit/auditArchive.ts";
import { replayReadings } from "#domains/metering/audit/auditReadings.ts";
import type { OrderSource } from "#domains/pool/audit/poolState.ts";
import { type AuditReport, auditChain, auditEvents } from "#platform/audit/auditor.ts";
import { CHAIN_COUNTS } from "#platform/audit/chainCounts.ts";
import type { AuditBase, CountWords, IntervalPlace, Replay } from "#platform/audit/replay.ts";
import { CONTRACTS, DOMAINS } from "./domains.ts";

/** Archives beside the chain, as far as they are available, and the clearing house's own books. */
export type AuditSources = {
  /** The gateway's archive. */
  readonly readings: ReadingSource | null;
  /** The desk's archive. */
  readonly orders: OrderSource | null;
  readonly balancesOf: BalanceSource | null;
};

const NO_SOURCES: AuditSources = { readings: null, orders: null, balancesOf: null };

/** What an audit counts, in the order of the market's life. */
export const AUDIT_COUNTS: CountWords = Object.assign(
  {},
  CHAIN_COUNTS,
  ...DOMAINS.map(({ counts }) => counts),
);

/** Audits a network by the rules of all domains; see {@link auditChain}. */
export function auditNetwork({
  readings = null,
  orders = null,
  ...network
}: Omit<Parameters<typeof auditChain>[0], "startReplays" | "specs"> &
  Partial<Pick<AuditSources, "readings" | "orders">>): Promise<AuditReport> {
  const balancesOf = balancesOnChain(network.network, network.deployment);
  const sources = { readings, orders, balancesOf };
  return auditChain({ ...network, specs: CONTRACTS, startReplays: (base) => replayDomains(base, sources) });
}

/** Audits events that are already read; see {@link auditEvents}. */
export function auditHistory({
  events,
  deployment,
  ...given
}: Omit<Parameters<typeof auditEvents>[0], "startReplays"> & Partial<AuditSources>): Promise<AuditReport> {
  const sources = { ...NO_SOURCES, ...given };
  return auditEvents({ events, deployment, startReplays: (base) => replayDomains(base, sources) });
}

/**
 * Who takes part, their money and the readings come first, then the markets in the order of the list: each event is seen
 * by all of them in that order.
 */
function replayDomains(base: AuditBase, { readings: archive, orders, balancesOf }: AuditSources): Replay[] {
  for (const name of Object.keys(AUDIT_COUNTS)) base.counts[name] = 0;
  const registry = replayRegistry(base);
  const money = replayMoney({ ...base, registry, balancesOf });
  const markets: Replay[] = [];
  const positionedIn = (place: IntervalPlace) =>
    new Set(markets.flatMap((market) => [...(market.positionedIn?.(place) ?? [])]));
  const readings = replayReadings({ ...base, registry, readings: archive, positionedIn });
  const audit = { ...base, registry, readings, moneyOf: money.moneyOf, orders };
  for (const { replay } of DOMAINS) if (replay) markets.push(replay(audit));
  return [registry, money, readings, ...markets];
}
