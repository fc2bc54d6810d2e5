import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as nextLook } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { isProcessAlive, type ProcessIdentity } from "#platform/system/processIdentity.ts";
import { commonwatt, type Finished, type Running, startCommonwatt } from "./program.fixture.ts";

/*
 * The chain's process is ended from outside, as by a kernel short of memory, at different moments of different commands:
 * each says so in one sentence, and ends with 1.
 */

// Each test starts the program up to twice; a busy machine needs a minute for each.
vi.setConfig({ testTimeout: 300_000 });

const FOLDER = "scenarios/riverside";
const LOOK_AGAIN_MS = 5;

let directory: string;
let running: Running;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-child-"));
});
afterEach(async () => {
  running?.process.kill("SIGKILL");
  await running?.finished;
  rmSync(directory, { recursive: true, force: true });
});

const up = (...more: string[]) =>
  startCommonwatt(["up", "--scenario", FOLDER, "--port", "0", ...more], { directory });

/** The chain's process, as soon as there is one. */
async function chainOf(network: string): Promise<ProcessIdentity> {
  const path = join(directory, "networks", network, "chain", "anvil.pid");
  while (!existsSync(path)) await nextLook(LOOK_AGAIN_MS);
  return JSON.parse(readFileSync(path, "utf8")) as ProcessIdentity;
}

async function killChain(network: string, signal: NodeJS.Signals): Promise<void> {
  process.kill((await chainOf(network)).pid, signal);
}

function expectSaid({ exitCode, stderr }: Finished, how: RegExp): void {
  const [sentence = "", ...more] = stderr
    .trimEnd()
    .split("\n")
    .filter((line) => line.startsWith("commonwatt: "));
  expect([exitCode, more, stderr]).toEqual([1, [], expect.anything()]);
  expect(sentence).toMatch(/^commonwatt: the embedded chain/);
  expect(sentence).toMatch(how);
  expect(stderr).not.toMatch(/^ +at |unexpected failure/m);
}

const KILLED = /by signal SIGKILL/;
/** The node may take this one as a wish, and end in order. */
const ENDED = /by signal SIGTERM|with code \d+/;

it.each([
  ["SIGKILL", KILLED],
  ["SIGTERM", ENDED],
] as const)("up between two intervals: %s", async (signal, how) => {
  running = up("--speed", "1");
  await running.line(/page and API/);
  await killChain("riverside", signal);
  expectSaid(await running.finished, how);
});

it("up in mid interval", async () => {
  running = up("--speed", "1000000");
  await running.line(/settled: /);
  await killChain("riverside", "SIGKILL");
  expectSaid(await running.finished, KILLED);
  const again = await commonwatt(["up", "--scenario", FOLDER, "--port", "0", "--intervals", "1"], {
    directory,
  });
  expect([again.exitCode, again.stderr]).toEqual([0, ""]);
});

it("up while it starts, before the chain listens or while the community is founded", async () => {
  running = up();
  await killChain("riverside", "SIGKILL");
  expectSaid(await running.finished, KILLED);
});

it("simulate", async () => {
  running = startCommonwatt(["simulate", "--scenario", FOLDER], { directory });
  const isFounded = join(directory, "networks", "simulate-riverside", "network.json");
  while (!existsSync(isFounded)) await nextLook(LOOK_AGAIN_MS);
  await killChain("simulate-riverside", "SIGKILL");
  expectSaid(await running.finished, KILLED);
});

it("audit, and an end that was asked for is none", async () => {
  running = up("--speed", "100000");
  await running.line(/settled: /);
  const chain = await chainOf("riverside");
  running.process.kill("SIGTERM");
  const stopped = await running.finished;
  expect([stopped.exitCode, stopped.stderr, isProcessAlive(chain)]).toEqual([0, "", false]);
  running = startCommonwatt(["audit"], { directory });
  await killChain("riverside", "SIGKILL");
  expectSaid(await running.finished, KILLED);
});
