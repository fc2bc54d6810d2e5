import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PoolNode } from "#community/communityNode.ts";
import { keyNames } from "#community/keyNames.ts";
import { openCommunityNode } from "#community/openCommunities.ts";
import { type IntervalReport, runIntervals } from "#community/pool/runIntervals.ts";
import { type StartedRoles, startRoles } from "#community/pool/startRoles.ts";
import { CONTRACTS, type DomainEvent } from "#domains/domains.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { OpenOrder } from "#domains/pool/orderDesk.ts";
import { clearingCalls, readInterval } from "#domains/pool/poolMarket.ts";
import type { EmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { readEvidencedHistory } from "#platform/chain/evidencedHistory.ts";
import { createSender } from "#platform/chain/sender.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { parseScenarioFile } from "#world/simulation/scenarioFile.ts";
import { buildSyntheticScenario } from "#world/simulation/syntheticScenario.ts";

/** A community that ran some intervals on its own chain, with what its roles kept. */
export type AuditedCommunity = {
  readonly scenario: Scenario;
  readonly node: PoolNode<EmbeddedChain>;
  readonly roles: StartedRoles;
  readonly orders: readonly OpenOrder[];
  readonly archive: readonly SignedReading[];
  readonly reports: readonly IntervalReport[];
  /** The operator as it works where nothing is left undone. */
  readonly operator: StartedRoles["operator"];
  events(): Promise<DomainEvent[]>;
  /** Ends the chain and starts it again from its disk. */
  reopen(): Promise<PoolNode<EmbeddedChain>>;
  stop(): Promise<void>;
};

/**
 * How an operator works that submits whole books in steps of at most `orders`. It leaves the intervals in `unfinished`
 * after their first step without giving them back, and does not settle those in `unsettled`; both count from the first interval.
 */
export type Stepping = {
  readonly orders: number;
  readonly unfinished: readonly number[];
  readonly unsettled: readonly number[];
};

/** Gives back what intervals reserved, counted from the first, 15 days later: what is cleared, and what is not finished. */
export async function giveBack(
  { node, operator, scenario }: AuditedCommunity,
  indices: readonly number[],
): Promise<void> {
  const { network, founded, chain } = node;
  const { deployment, areaId } = founded;
  const { timestamp } = await network.client.getBlock();
  await chain.setNextBlockTime(Number(timestamp) + 15 * 86_400);
  for (const index of indices) {
    const intervalId = scenario.firstIntervalId + index;
    const { stage, attempt } = await readInterval(network, deployment, { areaId, intervalId });
    const { positions } = operator.planOf(intervalId, scenario.terms);
    const { pricing } = scenario.terms;
    if (stage === "clearing") await operator.giveBack(intervalId);
    else await operator.returnUnread({ intervalId, attempt, stage, positions, pricing });
  }
}

/** Runs `intervals` of a shipped scenario, with the common operator or one that steps. */
export async function runAuditedCommunity(
  name: string,
  { intervals, stepping }: { intervals: number; stepping?: Stepping },
): Promise<AuditedCommunity> {
  const workspace = mkdtempSync(join(tmpdir(), "commonwatt-audit-"));
  const path = new URL(`../../scenarios/${name}/scenario.yaml`, import.meta.url);
  const file = parseScenarioFile(readFileSync(path, "utf8"), name);
  const scenario = buildSyntheticScenario(name, { ...file, synthetic: file.synthetic! });
  const open = () =>
    openCommunityNode({ workspace, name, scenario, scenarioFolder: name, onProgress: () => {} });
  const node = await open();
  let current = node;
  const archive: SignedReading[] = [];
  const orders: OpenOrder[] = [];
  const started = await startRoles(node, {
    archives: {
      keepOrder: async (order) => void orders.push(order),
      keepDropped: async () => {},
      standingOrders: (intervalId) => orders.filter((order) => order.intervalId === intervalId),
      keepReading: async (reading) => void archive.push(reading),
      keptReadings: (intervalId) => archive.filter((reading) => reading.intervalId === intervalId),
    },
    ...(stepping ? { submit: "all", maxStepOrders: stepping.orders } : {}),
  });
  const roles = stepping ? { ...started, operator: steppingOperator(node, started, stepping) } : started;
  const start = { nextIntervalId: scenario.firstIntervalId, unfinished: [] };
  const end = scenario.firstIntervalId + intervals;
  const reports: IntervalReport[] = [];
  for await (const report of runIntervals([{ roles, start, end }])) reports.push(report);
  return {
    scenario,
    node,
    roles,
    orders,
    archive,
    reports,
    operator: started.operator,
    events: () => readEvents(node),
    async reopen() {
      await current.stop();
      current = await open();
      return current;
    },
    async stop() {
      await current.stop();
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}

function steppingOperator(
  { network, keyring, founded: { deployment } }: PoolNode,
  { operator, scenario }: StartedRoles,
  { unfinished, unsettled }: Stepping,
): StartedRoles["operator"] {
  const sender = createSender(network, keyring.key(keyNames.operator).hex);
  const { terms, firstIntervalId } = scenario;
  const isLeft = (intervalId: number) => unfinished.includes(intervalId - firstIntervalId);
  return {
    ...operator,
    giveBack: async (intervalId) =>
      isLeft(intervalId) ? { gasUsed: 0n, transactions: 0 } : operator.giveBack(intervalId),
    goOn: () => Promise.reject(new Error("left after the first step")),
    async clear(intervalId, book) {
      if (!isLeft(intervalId)) return operator.clear(intervalId, book);
      const [first] = clearingCalls(deployment, operator.planOf(intervalId, terms));
      await sender.send(first!);
      throw new Error("left after the first step");
    },
    settle: async (clearing) =>
      unsettled.includes(clearing.intervalId - firstIntervalId)
        ? { gasUsed: 0n, transactions: 0 }
        : operator.settle(clearing),
  };
}

async function readEvents({
  network: { client },
  founded: { deployment },
}: PoolNode): Promise<DomainEvent[]> {
  const fromBlock = deployment.deployedAtBlock;
  const events: DomainEvent[] = [];
  const blocks = readEvidencedHistory({
    client,
    deployment,
    specs: CONTRACTS,
    fromBlock,
    headers: "ethereum",
  });
  for await (const block of blocks) events.push(...(block.events as DomainEvent[]));
  return events;
}
