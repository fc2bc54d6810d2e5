import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PoolNode } from "#community/communityNode.ts";
import { loadScenario } from "#community/loadScenario.ts";
import { openCommunityNode } from "#community/openCommunities.ts";
import { archivesOf } from "#community/pool/archives.ts";
import { runIntervals, type SettledInterval } from "#community/pool/runIntervals.ts";
import { startRoles } from "#community/pool/startRoles.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import type { Scenario } from "#world/simulation/scenario.ts";

/** Riverside on a chain of its own, after some settled intervals, with its archives. */
export type SettledCommunity = {
  readonly scenario: Scenario;
  readonly node: PoolNode;
  readonly readings: ReturnType<typeof openReadingArchive>;
  readonly orders: ReturnType<typeof openOrderArchive>;
  readonly settled: readonly SettledInterval[];
  close(): Promise<void>;
};

const FOLDER = "scenarios/riverside";

/** Runs Riverside's first intervals with some of its terms changed. */
export async function settleRiverside({
  intervals,
  termsOf,
}: {
  readonly intervals: number;
  readonly termsOf: (loaded: Scenario) => Partial<Scenario["terms"]>;
}): Promise<SettledCommunity> {
  const workspace = mkdtempSync(join(tmpdir(), "commonwatt-settled-"));
  const loaded = (await loadScenario({ folder: FOLDER })).scenario;
  const scenario = { ...loaded, terms: { ...loaded.terms, ...termsOf(loaded) }, intervals };
  const node = await openCommunityNode({
    ...{ workspace, name: "riverside", scenario, scenarioFolder: FOLDER, onProgress: () => {} },
  });
  const place = { intervalSecondsOf: () => scenario.intervalSeconds };
  const readings = openReadingArchive({ directory: join(workspace, "readings"), ...place });
  const orders = openOrderArchive({ directory: join(workspace, "orders"), ...place });
  const { areaId } = node.founded;
  const roles = await startRoles(node, { archives: archivesOf({ readings, orders, areaId }) });
  const { firstIntervalId } = scenario;
  const start = { nextIntervalId: firstIntervalId, unfinished: [] };
  const settled: SettledInterval[] = [];
  for await (const report of runIntervals([{ roles, start, end: firstIntervalId + intervals }])) {
    if (report.status === "failed") throw report.cause;
    settled.push(report.settled);
  }
  return {
    ...{ scenario, node, readings, orders, settled },
    async close() {
      await node.stop();
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}
