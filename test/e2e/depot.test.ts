import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commonwatt, type Running, startCommonwatt } from "./program.fixture.ts";

/* Homes and charging stations on one chain in one process, killed and started again, and audited. */

const UP = ["up", "--scenario", "scenarios/depot", "--port", "0", "--speed", "3600"];
/** A period in the words of the report: its time, and what came of it. */
const PERIOD = /^(\d+ \w+ \d{4}, \d\d:\d\d) {2}Riverside depot: (.*)$/gm;

let directory: string;
let running: Running;
let first: [time: string, sentence: string][];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-depot-"));
});
afterAll(async () => {
  running?.process.kill("SIGKILL");
  await running?.finished;
  rmSync(directory, { recursive: true, force: true });
});

function periodsIn(stdout: string): [time: string, sentence: string][] {
  return [...stdout.matchAll(PERIOD)].map(([, time = "", sentence = ""]) => [time, sentence]);
}

it("tells of intervals and periods until it is killed", async () => {
  running = startCommonwatt(UP, { directory });
  await running.line(/Riverside depot: \d stations demanded .* traded, .* drawn/);
  running.process.kill("SIGKILL");
  const { stdout, stderr } = await running.finished;
  expect(stderr).toBe("");
  first = periodsIn(stdout);
  expect(first.length).toBeGreaterThan(0);
});

it("goes on from there: each period once, settled", { timeout: 240_000 }, async () => {
  const { exitCode, stdout, stderr } = await commonwatt([...UP, "--intervals", "14"], { directory });
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/Riverside depot: going on after \d+ periods/);
  const told = new Map([...first, ...periodsIn(stdout)]);
  expect(told.size).toBeGreaterThanOrEqual(first.length + 2);
  for (const sentence of told.values()) expect(sentence).toMatch(/demanded .*kWh drawn$/);
});

it("is clean to an auditor", async () => {
  const { exitCode, stdout } = await commonwatt(["audit"], { directory });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/[1-9]\d* +Charging paid/);
  expect(stdout).toMatch(/[1-9]\d* +Auctions of quotas/);
});
