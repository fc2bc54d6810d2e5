import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type BenchRow, measuredRow } from "./row.ts";
import { withTemporaryDirectory } from "./temporaryDirectory.ts";

const PROGRAM = fileURLToPath(new URL("../dist/commonwatt.js", import.meta.url));
const SCENARIO = fileURLToPath(new URL("../scenarios/riverside", import.meta.url));
const HOMES = 24;
const INTERVALS_PER_DAY = 96;
const DAYS_PER_YEAR = 365;
const DAYS_PER_WEEK = 7;
/** Seconds of the market a second: more than any machine does. */
const AS_FAST_AS_IT_GOES = "1000000000";
const MEMORY_EVERY_MS = 1_000;
const PARTS = ["chain", "database", "readings", "orders"] as const;

/**
 * `commonwatt up` of 24 homes as fast as it goes, for a year of quarter-hours or `--days N`, then once more for its start.
 * Nothing is extrapolated: the rows say what was measured over how many intervals.
 */
export async function benchYear(days = DAYS_PER_YEAR): Promise<BenchRow[]> {
  const intervals = days * INTERVALS_PER_DAY;
  return await withTemporaryDirectory(async (directory) => {
    const startedAt = performance.now();
    const run = await runUp(directory, intervals);
    const seconds = (performance.now() - startedAt) / 1_000;
    const folder = join(directory, "networks", "riverside");
    const bytes = PARTS.map((part) => [part, bytesOf(join(folder, part))] as const);
    const again = await runUp(directory, 1);
    const week = Math.min(DAYS_PER_WEEK * INTERVALS_PER_DAY, Math.floor(intervals / 2));
    const [first, last] = [
      millisecondsEach(run.times.slice(0, week)),
      millisecondsEach(run.times.slice(-week)),
    ];
    return [
      ...bytes.map(([part, size]) => row(`disk: ${part}`, run.times.length, size / 1e6, "MB")),
      row("disk: all", run.times.length, bytesOf(directory) / 1e6, "MB"),
      row("memory of all processes, most", run.times.length, run.mostMemory / 1e6, "MB"),
      row("start of a community that ran", run.times.length, again.readySeconds, "s"),
      row("an interval, first week", week, first, "ms"),
      row("an interval, last week", week, last, "ms"),
      row("all of it", run.times.length, seconds, "s"),
    ];
  });
}

type Run = {
  readonly readySeconds: number;
  /** When each interval was reported, milliseconds. */
  readonly times: readonly number[];
  /** Bytes in memory of the process and the node together. */
  readonly mostMemory: number;
};

async function runUp(directory: string, intervals: number): Promise<Run> {
  const startedAt = performance.now();
  const times: number[] = [];
  const seen = { readySeconds: Number.NaN, mostMemory: 0 };
  const args = ["up", "--scenario", SCENARIO, "--port", "0", "--speed", AS_FAST_AS_IT_GOES];
  const child = spawn(process.execPath, [PROGRAM, ...args, "--intervals", String(intervals)], {
    env: { ...process.env, COMMONWATT_DIRECTORY: directory },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = () => child.kill();
  process.once("exit", stop);
  const memory = setInterval(() => {
    seen.mostMemory = Math.max(seen.mostMemory, memoryOf(child));
  }, MEMORY_EVERY_MS);
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (/ready after/.test(line)) seen.readySeconds = (performance.now() - startedAt) / 1_000;
    if (!/ settled: | failed: /.test(line)) return;
    times.push(performance.now());
    if (times.length % (INTERVALS_PER_DAY * 10) === 0)
      console.error(`year: day ${times.length / INTERVALS_PER_DAY}`);
  });
  const [code] = await once(child, "close");
  clearInterval(memory);
  process.removeListener("exit", stop);
  if (code !== 0) throw new Error(`commonwatt up ended with code ${code}`);
  return { ...seen, times };
}

/** Resident bytes of the process and its children; 0 where the system has no /proc. */
function memoryOf({ pid }: ChildProcess): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return [String(pid), ...children].filter(Boolean).reduce((sum, each) => sum + residentBytes(each), 0);
  } catch {
    return 0;
  }
}

function residentBytes(pid: string): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? 0) * 1_024;
}

function bytesOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return 0;
  if (!found.isDirectory()) return found.blocks * 512;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}

function millisecondsEach(times: readonly number[]): number {
  const [first, last] = [times[0], times.at(-1)];
  return first === undefined || last === undefined ? Number.NaN : (last - first) / (times.length - 1);
}

function row(name: string, n: number, value: number, unit: string): BenchRow {
  const peers = { peer: null, peerValue: null };
  return measuredRow({ bench: "year", case: `${HOMES} homes, ${name}`, n, value, unit, ...peers });
}
