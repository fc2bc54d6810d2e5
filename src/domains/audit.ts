import { replayMoney } from "#domains/accounts/audit/auditMoney.ts";
import { replayRegistry } from "#domains/accounts/audit/auditRegistry.ts";
import type { BalanceSource } from "#domains/accounts/audit/compareBooks.ts";
import { balancesOnChain } from "#domains/accounts/audit/readBalances.ts";
import { replayAreas } from "#domains/metering/audit/auditAreas.ts";
import { replayReadings } from "#domains/metering/audit/auditReadings.ts";
import { readingsAhead } from "#domains/metering/audit/readingsAhead.ts";
import { ordersAhead } from "#domains/pool/audit/ordersAhead.ts";
import { joinAhead } from "#platform/audit/ahead.ts";
import { type BlockSource, blocksOfThisThread } from "#platform/audit/auditedBlock.ts";
import { type AuditReport, auditChain, auditEvents } from "#platform/audit/auditor.ts";
import { startAuditWorkers } from "#platform/audit/auditWorkers.ts";
import { CHAIN_COUNTS } from "#platform/audit/chainCounts.ts";
import type { AuditBase, CountWords, IntervalPlace, Replay } from "#platform/audit/replay.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import type { HeaderProof } from "#platform/chain/evidencedHistory.ts";
import { connectBatching } from "#platform/chain/network.ts";
import { type ArchivePlaces, type ArchiveSources, openAuditArchives } from "./auditArchives.ts";
import { CONTRACTS, DOMAINS } from "./domains.ts";

/** Archives beside the chain, and the clearing house's own books, as far as they are available. */
export type AuditSources = ArchiveSources & { readonly balancesOf: BalanceSource | null };

const NO_SOURCES: AuditSources = { readings: null, orders: null, balancesOf: null };

/** What an audit counts, in the order of the market's life. */
export const AUDIT_COUNTS: CountWords = Object.assign(
  {},
  CHAIN_COUNTS,
  ...DOMAINS.map(({ counts }) => counts),
);

/** What a worker of the audit is given: where the blocks and the archives are. */
export type WorkerTask = {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly headers: HeaderProof;
  readonly archives: ArchivePlaces;
};

/** Threads that do the work which needs no history; `onNone` is told where they can't start. */
export type AuditThreads = {
  readonly script: URL;
  readonly execArgv?: readonly string[];
  readonly count?: number;
  readonly onNone?: () => void;
};

/**
 * Audits a network by the rules of all domains; see {@link auditChain}. With `archives` and `threads` the blocks are read
 * and computed ahead by worker threads, else by this one from `readings` and `orders`.
 */
export function auditNetwork({
  network,
  deployment,
  headers = null,
  onProgress,
  archives,
  threads,
  ...given
}: Pick<Parameters<typeof auditChain>[0], "network" | "deployment" | "headers" | "onProgress"> &
  Partial<ArchiveSources> & { archives?: ArchivePlaces; threads?: AuditThreads }): Promise<AuditReport> {
  const sources = { ...NO_SOURCES, ...given, ...(archives && openAuditArchives(archives)) };
  const ahead = startAhead(deployment, sources);
  const balancesOf = balancesOnChain(network, deployment);
  const { readings, orders } = ahead;
  return auditChain({
    network,
    deployment,
    headers,
    onProgress,
    ahead,
    openSource: async (proof) => {
      const task = { deployment, headers: proof };
      const workers =
        archives && threads && (await startWorkers({ ...task, rpcUrl: network.rpcUrl, archives }, threads));
      return workers ?? blocksAhead({ client: await connectBatching(network), ...task, ...sources });
    },
    startReplays: (base) => replayDomains(base, { readings, orders, balancesOf }),
  });
}

async function startWorkers(workerData: WorkerTask, { onNone, ...threads }: AuditThreads) {
  const workers = await startAuditWorkers({ ...threads, workerData });
  if (workers === null) onNone?.();
  return workers;
}

/** The blocks of a chain with what the domains compute of them ahead, in the thread that asks. */
export function blocksAhead({
  readings,
  orders,
  ...given
}: Omit<Parameters<typeof blocksOfThisThread>[0], "ahead" | "specs"> & ArchiveSources): BlockSource {
  return blocksOfThisThread({
    ...given,
    specs: CONTRACTS,
    ahead: startAhead(given.deployment, { readings, orders }),
  });
}

/** What the domains compute ahead, and the archives as the replay then finds them. */
function startAhead(deployment: Deployment, { readings: archive, orders: desk }: ArchiveSources) {
  const [ofReadings, ofOrders] = [readingsAhead(deployment, archive), ordersAhead(deployment, desk)];
  return { ...joinAhead([ofReadings, ofOrders]), readings: ofReadings.readings, orders: ofOrders.orders };
}

/** Audits events that are already read, by the rules of these domains; see {@link auditEvents}. */
export function auditHistory({
  events,
  deployment,
  domains,
  ...given
}: Omit<Parameters<typeof auditEvents>[0], "startReplays"> &
  Partial<AuditSources> & { domains?: readonly AuditedDomain[] }): Promise<AuditReport> {
  const sources = { ...NO_SOURCES, ...given };
  return auditEvents({ events, deployment, startReplays: (base) => replayDomains(base, sources, domains) });
}

type AuditedDomain = Pick<(typeof DOMAINS)[number], "replay">;

/**
 * Who takes part and where, their money and the readings come first, then the markets in the order of the list: each event is seen
 * by all of them in that order.
 */
export function replayDomains(
  base: AuditBase,
  { readings: archive, orders, balancesOf }: AuditSources,
  domains: readonly AuditedDomain[] = DOMAINS,
): Replay[] {
  for (const name of Object.keys(AUDIT_COUNTS)) base.counts[name] = 0;
  const registry = replayRegistry(base);
  const areas = replayAreas({ ...base, registry });
  const money = replayMoney({ ...base, registry, areas, balancesOf });
  const markets: Replay[] = [];
  const positionedIn = (place: IntervalPlace) =>
    new Set(markets.flatMap((market) => [...(market.positionedIn?.(place) ?? [])]));
  const isOpen = (place: IntervalPlace) =>
    markets.some((market) => market.isOpen?.(place) ?? (market.positionedIn?.(place).size ?? 0) > 0);
  const readings = replayReadings({ ...base, areas, readings: archive, positionedIn, isOpen });
  const audit = { ...base, registry, areas, readings, moneyOf: money.moneyOf, orders };
  for (const { replay } of domains) if (replay) markets.push(replay(audit));
  return [registry, areas, money, readings, ...markets];
}
