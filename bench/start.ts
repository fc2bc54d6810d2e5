import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type BenchRow, measuredRow } from "./row.ts";
import { withTemporaryDirectory } from "./temporaryDirectory.ts";

const PROGRAM = fileURLToPath(new URL("../dist/commonwatt.js", import.meta.url));
const RUNS = 3;
/** Homes of the scenario that `up` runs by default. */
const HOMES = 24;
const PATIENCE_MS = 120_000;

/** What is waited for, and the line of the terminal that says it has come. */
const MILESTONES = {
  "API ready": /ready after/,
  "first settled interval": /settled: /,
  "first settled interval with trades": /settled: .* trades /,
} as const;

type Milestone = keyof typeof MILESTONES;

/**
 * Cold start of `commonwatt up` in an empty directory, in seconds from the start of the process: chain, contracts,
 * community, database, API, then the first intervals at the default speed of one a second. Median of three runs.
 */
export async function benchStart(): Promise<BenchRow[]> {
  const runs: ReadonlyMap<Milestone, number>[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await withTemporaryDirectory(startOnce));
  return (Object.keys(MILESTONES) as Milestone[]).flatMap((milestone) => {
    const seconds = runs.flatMap((reached) => reached.get(milestone) ?? []).sort((a, b) => a - b);
    const median = seconds[seconds.length >> 1];
    if (median === undefined || seconds.length < RUNS) {
      console.error(`start: "${milestone}" was reached in ${seconds.length} of ${RUNS} runs`);
      return [];
    }
    return measuredRow({
      bench: "start",
      case: milestone,
      n: HOMES,
      value: median,
      unit: "s",
      peer: null,
      peerValue: null,
    });
  });
}

/** Seconds to each milestone; the program ends by itself after three intervals. */
async function startOnce(directory: string): Promise<ReadonlyMap<Milestone, number>> {
  const reached = new Map<Milestone, number>();
  const startedAt = performance.now();
  const child = spawn(process.execPath, [PROGRAM, "up", "--port", "0", "--intervals", "3"], {
    env: { ...process.env, COMMONWATT_DIRECTORY: directory },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: PATIENCE_MS,
  });
  const stop = () => child.kill();
  process.once("exit", stop);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    for (const milestone of Object.keys(MILESTONES) as Milestone[])
      if (!reached.has(milestone) && MILESTONES[milestone].test(line))
        reached.set(milestone, (performance.now() - startedAt) / 1_000);
  });
  const code = await ended;
  process.removeListener("exit", stop);
  if (code !== 0) throw new Error(`commonwatt up ended with code ${code}`);
  return reached;
}
