import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commonwatt, startCommonwatt } from "./program.fixture.ts";
import { copyRecordedMarket } from "./recordedMarket.fixture.ts";

/* A backup of a community that runs, onto another machine, behind a chain that went on, and ahead of one. */

const SETTLED = 10;
const UP = ["up", "--port", "0", "--speed", "1e9"];

let directory: string;
let home: string;
const place = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-backup-"));
  home = await copyRecordedMarket(SETTLED);
});
afterAll(() => {
  for (const folder of [directory, home]) rmSync(folder, { recursive: true, force: true });
});

it("is taken while the community runs, which is killed afterwards", async () => {
  const running = startCommonwatt(UP, { directory: home });
  try {
    await running.line(/ settled: /);
    const { exitCode, stdout, stderr } = await commonwatt(["backup", place("first")], { directory: home });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^riverside is in .* MB up to block \d+, unpacked and checked$/m);
  } finally {
    running.process.kill("SIGKILL");
    await running.finished;
  }
  expect((await commonwatt([...UP, "--intervals", "2"], { directory: home })).exitCode).toBe(0);
  const again = await commonwatt(["backup", place("first")], { directory: home });
  expect([again.exitCode, again.stderr]).toEqual([1, expect.stringContaining("is there already")]);
});

it("goes on elsewhere, and is clean to an auditor", async () => {
  const restored = await commonwatt(["restore", place("first")], { directory: place("elsewhere") });
  expect(restored.stdout).toMatch(/^riverside is restored as it was on .*; it goes on from block \d+$/m);
  const up = await commonwatt([...UP, "--intervals", "2"], { directory: place("elsewhere") });
  expect([up.exitCode, up.stderr]).toEqual([0, ""]);
  expect(up.stdout).toMatch(/going on after/);
  expect((await commonwatt(["audit"], { directory: place("elsewhere") })).stdout).toMatch(/^CLEAN/);
});

it("catches up with a chain that went further, and loses nothing of it", async () => {
  const folder = join(home, "networks", "riverside");
  for (const lost of ["network.json", "database"]) rmSync(join(folder, lost), { recursive: true });
  const restored = await commonwatt(["restore", place("first")], { directory: home });
  expect([restored.exitCode, restored.stderr]).toEqual([0, ""]);
  expect(restored.stdout).toMatch(/the chain that is there goes [1-9]\d* blocks further/);
  const up = await commonwatt([...UP, "--intervals", "1"], { directory: home });
  expect([up.exitCode, up.stderr]).toEqual([0, ""]);
  expect((await commonwatt(["audit"], { directory: home })).stdout).toMatch(/^CLEAN/);
});

it("is refused ahead of a chain, and onto another one; nothing is changed", async () => {
  await commonwatt(["backup", place("second")], { directory: home });
  await commonwatt(["restore", place("first")], { directory: place("behind") });
  const behind = await commonwatt(["restore", place("second")], { directory: place("behind") });
  expect([behind.exitCode, behind.stdout]).toEqual([1, ""]);
  expect(behind.stderr).toMatch(
    /ends with block \d+, before the backup's newest block \d+\. Nothing was changed/,
  );
  const split = await commonwatt(["restore", place("second")], { directory: place("elsewhere") });
  expect(split.stderr).toMatch(/it is another chain, or was reorganised since|ends with block/);
});
