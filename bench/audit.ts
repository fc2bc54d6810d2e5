import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { latestNetwork, networkFolder, readNetwork } from "#community/workspace.ts";
import { type AuditThreads, auditNetwork } from "#domains/audit.ts";
import { findArchives } from "#domains/auditArchives.ts";
import { present } from "#kernel/units/assert.ts";
import { startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { type BenchRow, measuredRow } from "./row.ts";
import { withTemporaryDirectory } from "./temporaryDirectory.ts";

const root = new URL("../", import.meta.url);
const PROGRAM = fileURLToPath(new URL("dist/commonwatt.js", root));
const WORKER = fileURLToPath(new URL("dist/auditWorker.js", root));
const SCENARIO = fileURLToPath(new URL("scenarios/riverside", root));
const HOMES = 24;
const DAYS = 4;
const YEAR_INTERVALS = 35_040;

/** Time since a moment, ms: of all threads of this process, and on the wall. */
type Time = { readonly cpu: number; readonly wall: number };

/**
 * What the audit of an interval of 24 homes takes, on a chain of some days that `commonwatt simulate` made: with its worker
 * threads, and in one thread. The first quarter of the blocks is left out; in it the program is compiled. The chain's own
 * process is not in the CPU, but in the wall's time. COMMONWATT_BENCH_CHAIN takes a workspace that is there already.
 */
export async function* benchAudit(): AsyncGenerator<BenchRow> {
  const given = process.env.COMMONWATT_BENCH_CHAIN;
  if (given !== undefined) yield* await measure(given);
  else yield* await withTemporaryDirectory(async (directory) => measure(await simulate(directory)));
}

async function simulate(workspace: string): Promise<string> {
  console.error(`audit: simulating ${DAYS} days on a chain`);
  const child = spawn(
    process.execPath,
    [PROGRAM, "simulate", "--scenario", SCENARIO, "--days", String(DAYS)],
    { env: { ...process.env, COMMONWATT_DIRECTORY: workspace }, stdio: ["ignore", "ignore", "inherit"] },
  );
  const stop = () => child.kill();
  process.once("exit", stop);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  process.removeListener("exit", stop);
  if (code !== 0) throw new Error(`commonwatt simulate ended with code ${code}`);
  return workspace;
}

async function measure(workspace: string): Promise<BenchRow[]> {
  const name = present(latestNetwork(workspace), "a network in the workspace");
  const record = present(readNetwork(workspace, name), `the record of ${name}`);
  const folder = networkFolder(workspace, name);
  const { deployment } = record;
  const { chainId } = deployment;
  const directory = join(folder, "chain");
  const chain = await startEmbeddedChain({
    directory,
    chainId,
    genesisTimestamp: 0,
    onNotice: console.error,
  });
  try {
    const network = await connectNetwork({ rpcUrl: chain.rpcUrl, expectedChainId: chainId });
    const archives = await findArchives(folder, network, deployment);
    const given = { network, deployment, headers: record.headers ?? null, archives };
    const script = pathToFileURL(WORKER);
    if (!existsSync(WORKER)) throw new Error(`${WORKER} is not built`);
    const rows: BenchRow[] = [];
    for (const [title, threads] of [
      ["workers", { script }],
      ["one thread", null],
    ] as const) {
      const { cpu, wall } = await timeAudit(given, threads);
      rows.push(rowOf(`CPU an interval, ${title}`, cpu), rowOf(`an interval, ${title}`, wall));
      sayYear(title, { cpu, wall });
    }
    return rows;
  } finally {
    await chain.stop();
  }
}

/** Milliseconds an interval over the last three quarters of the blocks. */
async function timeAudit(
  given: Omit<Parameters<typeof auditNetwork>[0], "threads">,
  threads: AuditThreads | null,
): Promise<Time> {
  const marks: { readonly block: number; readonly cpu: number; readonly wall: number }[] = [];
  const mark = (block: number) => {
    const { user, system } = process.cpuUsage();
    marks.push({ block, cpu: (user + system) / 1_000, wall: performance.now() });
  };
  const report = await auditNetwork({
    ...given,
    ...(threads && { threads }),
    onProgress: ({ block, lastBlock }) => {
      const isQuarter = marks.length === 0 && 4 * block >= lastBlock;
      if (isQuarter || block === lastBlock) mark(block);
    },
  });
  if (report.verdict !== "clean") throw new Error(`the audit is not clean: ${report.discrepancy.sentence}`);
  const [from, to] = [present(marks[0], "a first mark"), present(marks.at(-1), "a last mark")];
  const intervals = report.checked["pool.clearings"] ?? 0;
  const measured = (intervals * (to.block - from.block)) / (report.toBlock - report.fromBlock);
  return { cpu: (to.cpu - from.cpu) / measured, wall: (to.wall - from.wall) / measured };
}

function rowOf(name: string, value: number): BenchRow {
  const peer = { peer: null, peerValue: null };
  return measuredRow({ bench: "audit", case: name, n: HOMES, value, unit: "ms", ...peer });
}

/** A calculation, and no measurement. */
function sayYear(title: string, { cpu, wall }: Time): void {
  const minutes = (milliseconds: number) => ((milliseconds * YEAR_INTERVALS) / 60_000).toFixed(1);
  console.error(
    `audit: ${title}: at this rate a year of ${YEAR_INTERVALS} intervals would take ${minutes(cpu)} min of CPU, ${minutes(wall)} min in all`,
  );
}
