import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PoolNode } from "#community/communityNode.ts";
import { loadScenario } from "#community/loadScenario.ts";
import { openCommunityNode } from "#community/openCommunities.ts";
import { archivesOf } from "#community/pool/archives.ts";
import { runIntervals, type SettledInterval } from "#community/pool/runIntervals.ts";
import { startRoles } from "#community/pool/startRoles.ts";
import { auditNetwork } from "#domains/audit.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { submissionsOf } from "#domains/pool/submissions.ts";
import { runInMemory } from "#world/simulation/run.ts";
import type { IntervalOutcome } from "#world/simulation/runBills.ts";
import type { Scenario } from "#world/simulation/scenario.ts";

/*
 * A community whose gate closes an interval's length before delivery, so that a book is cleared in the very second in which
 * an interval is settled.
 */

const INTERVALS = 10;

let workspace: string;
let scenario: Scenario;
let node: PoolNode;
let readings: ReturnType<typeof openReadingArchive>;
let orders: ReturnType<typeof openOrderArchive>;
const settled: SettledInterval[] = [];

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "commonwatt-together-"));
  const scenarioFolder = "scenarios/riverside";
  const loaded = (await loadScenario({ folder: scenarioFolder })).scenario;
  const terms = { ...loaded.terms, gateClosureSeconds: loaded.intervalSeconds };
  scenario = { ...loaded, terms, intervals: INTERVALS };
  node = await openCommunityNode({
    ...{ workspace, name: "riverside", scenario, scenarioFolder, onProgress: () => {} },
  });
  const { areaId } = node.founded;
  const place = { intervalSecondsOf: () => scenario.intervalSeconds };
  readings = openReadingArchive({ directory: join(workspace, "readings"), ...place });
  orders = openOrderArchive({ directory: join(workspace, "orders"), ...place });
  const roles = await startRoles(node, { archives: archivesOf({ readings, orders, areaId }) });
  const { firstIntervalId } = scenario;
  const start = { nextIntervalId: firstIntervalId, unfinished: [] };
  for await (const report of runIntervals([{ roles, start, end: firstIntervalId + INTERVALS }])) {
    if (report.status === "failed") throw report.cause;
    settled.push(report.settled);
  }
});
afterAll(async () => {
  await node?.stop();
  rmSync(workspace, { recursive: true, force: true });
});

/** What the pool market's transactions brought, in one word each. */
async function worksOfTransactions(): Promise<string[]> {
  const { client } = node.network;
  const works: string[] = [];
  for (let blockNumber = 0n; blockNumber <= (await client.getBlockNumber()); blockNumber += 1n) {
    const { transactions } = await client.getBlock({ blockNumber, includeTransactions: true });
    for (const { input } of transactions)
      works.push(
        submissionsOf(input)
          .map(({ of }) => of)
          .join(" and "),
      );
  }
  return works.filter((work) => work !== "");
}

it("settles what is due and clears what comes in one transaction", async () => {
  const traded = settled.slice(0, -2).filter(({ trades }) => trades > 0);
  expect(traded.length).toBeGreaterThan(2);
  const works = await worksOfTransactions();
  expect(works.filter((work) => work === "settlement and clearing")).toHaveLength(traded.length);
});

it("comes to the same energy and money as in memory", () => {
  const inMemory: IntervalOutcome[] = [];
  runInMemory(scenario, { onInterval: (outcome) => inMemory.push(outcome) });
  const money = ({ settlements, clearedWh }: IntervalOutcome) => [
    clearedWh,
    [...settlements].map(([member, { netMicro }]) => [member, netMicro]).sort(),
  ];
  expect(settled.map(({ outcome }) => money(outcome))).toEqual(inMemory.map(money));
});

it("is clean to an auditor", async () => {
  const report = await auditNetwork({
    network: node.network,
    deployment: node.founded.deployment,
    readings: async (areaId, intervalId) => readings.readingsOf(areaId, intervalId),
    orders: async (areaId, intervalId) => orders.ordersOf(areaId, intervalId),
  });
  expect(report).toMatchObject({ verdict: "clean", checked: { "pool.clearings": INTERVALS }, notes: [] });
});
