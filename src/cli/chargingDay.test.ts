import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { registerChargingDay } from "./chargingDay.ts";
import { UsageError } from "./exit.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "commonwatt-sessions-"));
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

it("gives programs what people see: days, seed, source and estimates of each regime", async () => {
  const report = JSON.parse(await run("--days", "1", "--seed", "3", "--rating", "300", "--json"));
  expect(report).toMatchObject({ days: 1, seed: 3, ratingW: 300_000, source: { kind: "distributions" } });
  expect(Object.keys(report.regimes)).toEqual(["traded", "allocated", "firstCome", "unlimited"]);
  expect(report.regimes.traded.peakPercent.mean).toBeLessThanOrEqual(100);
});

it("takes the vehicles of a depot's stations, and says how far what they expect is off", async () => {
  const text = await run("--days", "1", "--depot", "--rating", "365");
  expect(text).toContain("by the generator of a depot’s stations");
  expect(text).toMatch(/with a mean error of [1-9]\d*\.\d kW a period/);
  await expect(run("--depot", "--data", folder)).rejects.toThrow(UsageError);
});

it("says how many years it mended of recorded sessions, and prints a line a regime", async () => {
  const rows = Array.from({ length: 12 }, (_, i) => `7.5,0015-03-02 08:00:00,0015-03-02 16:00:00,s${i}`);
  writeFileSync(join(folder, "sessions.csv"), ["kwhTotal,created,ended,stationId", ...rows].join("\n"));
  const text = await run("--days", "1", "--data", folder);
  expect(text).toContain("Recorded sessions of sessions.csv: 12 rows, 1 day with sessions enough");
  expect(text).toContain("A year below 100 lost its century and is read as 2000 later: 12 rows");
  for (const line of [
    "quotas, traded ",
    "quotas as allocated ",
    "first come, first served ",
    "nobody limits ",
  ])
    expect(text).toContain(`\n${line}`);
});

it("refuses a folder without recordings", async () => {
  mkdirSync(join(folder, "empty"));
  await expect(run("--data", join(folder, "empty"))).rejects.toThrow(UsageError);
  await expect(run("--data", join(folder, "nowhere"))).rejects.toThrow("nowhere can't be read");
});

async function run(...args: string[]): Promise<string> {
  let printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  const program = new Command("commonwatt").exitOverride();
  registerChargingDay(program);
  await program.parseAsync(["charging-day", ...args], { from: "user" });
  return printed;
}
