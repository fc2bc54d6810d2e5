import { join } from "node:path";
import { openCommunityNode } from "#community/openCommunities.ts";
import { archivesOf } from "#community/pool/archives.ts";
import { runIntervals } from "#community/pool/runIntervals.ts";
import { startRoles } from "#community/pool/startRoles.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { runInMemory } from "#world/simulation/run.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { parseScenarioFile } from "#world/simulation/scenarioFile.ts";
import { buildSyntheticScenario } from "#world/simulation/syntheticScenario.ts";
import { type BenchRow, measuredRow } from "./row.ts";
import { withTemporaryDirectory } from "./temporaryDirectory.ts";

const SIZES = [100, 500, 2_000] as const;
/** At noon: the sun shines and homes trade. */
const STARTS_AT = "2025-05-12T10:00";
/** Homes have nothing to expect before their first readings. */
const WARM_UP_INTERVALS = 3;
const MEASURED_INTERVALS = 5;

/** Seconds an interval of a generated community: on the chain with all roles and archives, and in memory as the peer. */
export async function* benchScale(): AsyncGenerator<BenchRow> {
  for (const homes of SIZES) {
    const scenario = scenarioOf(homes);
    const value = await withTemporaryDirectory((directory) => secondsOnChain(scenario, directory));
    yield measuredRow({
      bench: "scale",
      case: "an interval on the chain",
      n: homes,
      value,
      unit: "s",
      peer: "in memory",
      peerValue: secondsInMemory(scenario),
    });
  }
}

async function secondsOnChain(scenario: Scenario, workspace: string): Promise<number> {
  const place = { workspace, name: "scale", scenarioFolder: workspace };
  const node = await openCommunityNode({ ...place, scenario, onProgress: () => {} });
  try {
    const { areaId } = node.founded;
    const lengths = { intervalSecondsOf: () => scenario.intervalSeconds };
    const readings = openReadingArchive({ directory: join(node.folder, "readings"), ...lengths });
    const orders = openOrderArchive({ directory: join(node.folder, "orders"), ...lengths });
    const roles = await startRoles(node, { archives: archivesOf({ readings, orders, areaId }) });
    const start = { nextIntervalId: scenario.firstIntervalId, unfinished: [] };
    const end = scenario.firstIntervalId + scenario.intervals;
    let [done, startedAt] = [0, 0];
    for await (const report of runIntervals([{ roles, start, end }])) {
      if (report.status === "failed") throw report.cause;
      done += 1;
      await node.chain.checkpoint();
      if (done === WARM_UP_INTERVALS) startedAt = performance.now();
    }
    return (performance.now() - startedAt) / 1_000 / MEASURED_INTERVALS;
  } finally {
    await node.stop();
  }
}

function secondsInMemory(scenario: Scenario): number {
  let startedAt = 0;
  runInMemory(scenario, {
    onInterval: (_, index) => {
      if (index === WARM_UP_INTERVALS - 1) startedAt = performance.now();
    },
  });
  return (performance.now() - startedAt) / 1_000 / MEASURED_INTERVALS;
}

function scenarioOf(homes: number): Scenario {
  const file = parseScenarioFile(description(homes), "scale");
  if (file.synthetic === undefined) throw new Error("the bench's scenario is synthetic");
  return buildSyntheticScenario("scale", { ...file, synthetic: file.synthetic });
}

const description = (homes: number) => `
title: A community of any size
seed: 5
timeZone: Europe/Berlin
startsAt: "${STARTS_AT}"
days: ${(WARM_UP_INTERVALS + MEASURED_INTERVALS) / 96}
market: { pricing: uniform, gridFeeMicroPerKwh: 30000 }
tariff: { feedInMicroPerKwh: 80000, retailMicroPerKwh: 320000 }
synthetic:
  place: { latitudeDeg: 48.7, longitudeDeg: 11.4 }
  homes: { count: ${homes} }
`;
