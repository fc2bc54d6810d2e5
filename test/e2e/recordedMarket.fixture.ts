import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { startCommonwatt } from "./program.fixture.ts";

/** Fast enough that a machine is never waited for. */
const AS_FAST_AS_IT_GOES = "1e9";
/** A machine that is busy elsewhere lets the market run on meanwhile, and by night homes have no orders: that is made again. */
const MOST_AFTER = 8;

/** Riverside's first interval, minutes of its day, and their length. */
const FIRST_MINUTE = 9 * 60;
const INTERVAL_MINUTES = 15;
const MINUTES_PER_DAY = 1_440;

/**
 * A directory of one's own with Riverside after `settled` intervals and perhaps a few more, stopped as its operator stops it. It is
 * made once a test run, by the test that needs it first.
 */
export async function copyRecordedMarket(settled: number): Promise<string> {
  const recorded = join(recordedFolder(), String(settled));
  if (!existsSync(recorded)) await record(settled, recorded);
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-dashboard-"));
  cpSync(recorded, directory, { recursive: true });
  return directory;
}

/** That of the test run; a script has one of its own while it runs. */
function recordedFolder(): string {
  if (process.env.VITEST !== undefined) return inject("recordedMarkets");
  const folder = mkdtempSync(join(tmpdir(), "commonwatt-recorded-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The folder has its name when it is whole; of two workers that made it at once the second keeps the first one's. */
async function record(settled: number, recorded: string): Promise<void> {
  const directory = mkdtempSync(`${recorded}-`);
  let after = Number.POSITIVE_INFINITY;
  while (after > MOST_AFTER) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
    after = (await runFor(settled, directory)) - settled;
  }
  try {
    renameSync(directory, recorded);
  } catch (error) {
    if (!existsSync(recorded)) throw error;
    rmSync(directory, { recursive: true, force: true });
  }
}

/** How many intervals were settled when it had stopped. */
async function runFor(settled: number, directory: string): Promise<number> {
  const running = startCommonwatt(["up", "--port", "0", "--speed", AS_FAST_AS_IT_GOES], { directory });
  try {
    await running.line(new RegExp(`${clockAfter(settled - 1)} +settled: `));
  } finally {
    running.process.kill("SIGINT");
  }
  const { stdout } = await running.finished;
  return stdout.split(" settled: ").length - 1;
}

/** The time of day at which interval `index` of Riverside begins: 09:45. */
function clockAfter(index: number): string {
  const minutes = (FIRST_MINUTE + index * INTERVAL_MINUTES) % MINUTES_PER_DAY;
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
