import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commonwatt } from "./program.fixture.ts";

const HAMLET = join("..", "shared", "data", "hamlet");

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-simulate-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Run = {
  intervals: { total: number; settled: number; failed: number };
  participants: Record<string, Record<string, string>>;
  community: Record<string, string | number>;
  chain: { transactions: number; trades: number; gas: string; gasPerTrade: number } | null;
  wallSeconds: number;
};

async function simulate(...args: string[]): Promise<Run> {
  const { exitCode, stdout, stderr } = await commonwatt(["simulate", ...args, "--json"], { directory });
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(stdout) as Run;
}

/** All but what a run in memory can't have, and what differs from run to run. */
function comparable({ chain: _, wallSeconds: __, ...rest }: Run) {
  return rest;
}

const SCENARIOS = [
  { name: "riverside", args: ["--scenario", "scenarios/riverside", "--days", "0.5"], intervals: 48 },
  { name: "brooklyn", args: ["--scenario", "scenarios/brooklyn", "--days", "0.25"], intervals: 24 },
  {
    name: "recorded hamlet",
    args: [
      "--scenario",
      "scenarios/recorded",
      "--data",
      HAMLET,
      "--from",
      "2021-02-16T09:00",
      "--days",
      "0.25",
    ],
    intervals: 24,
    data: HAMLET,
  },
];

describe.each(SCENARIOS)("$name", ({ args, intervals, data }) => {
  it("comes to the same on the chain and in memory", async ({ skip }) => {
    if (data && !existsSync(data)) skip("skipped: no data");
    const onChain = await simulate(...args);
    const inMemory = await simulate(...args, "--no-chain");
    expect(comparable(onChain)).toEqual(comparable(inMemory));
    expect(inMemory.chain).toBeNull();
    expect(onChain.intervals).toEqual({ total: intervals, settled: intervals, failed: 0 });
    expect(onChain.chain?.trades).toBeGreaterThan(0);
    expect(Number(onChain.chain?.gas) / (onChain.chain?.trades ?? 0)).toBeCloseTo(
      onChain.chain?.gasPerTrade ?? 0,
      -1,
    );
    const bills = Object.values(onChain.participants);
    expect(bills.every((bill) => /^\d+$/.test(bill.importWh ?? ""))).toBe(true);
    const total = (key: "boughtWh" | "soldWh") =>
      bills.reduce((sum, bill) => sum + BigInt(bill[key] ?? 0), 0n);
    const clearedWh = BigInt(onChain.community.clearedWh ?? 0);
    expect([total("boughtWh"), total("soldWh")]).toEqual([clearedWh, clearedWh]);
  });
});

it("one seed gives one run, and another seed another", async () => {
  const args = ["--scenario", "scenarios/riverside", "--days", "0.25", "--no-chain"];
  const one = await simulate(...args);
  expect(comparable(await simulate(...args))).toEqual(comparable(one));
  const other = await simulate(...args, "--seed", "14");
  expect(other.participants).not.toEqual(one.participants);
});

describe("a researcher who compares rules", () => {
  const RIVERSIDE = ["simulate", "--scenario", "scenarios/riverside", "--days", "0.5", "--no-chain"];

  it("sets a rule by a flag, and sees three runs in one table and picture", async () => {
    const files: string[] = [];
    for (const pricing of ["uniform", "midpoint", "marginal"]) {
      const { exitCode, stdout } = await commonwatt([...RIVERSIDE, "--pricing", pricing, "--json"], {
        directory,
      });
      expect([exitCode, JSON.parse(stdout).rules.pricing]).toEqual([0, pricing]);
      files.push(join(directory, `${pricing}.json`));
      writeFileSync(files.at(-1)!, stdout);
    }
    const picture = join(directory, "pricing.svg");
    const { exitCode, stdout, stderr } = await commonwatt(["compare", ...files, "--picture", picture], {
      directory,
    });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^pricing +uniform +midpoint +marginal$/m);
    expect(stdout).toMatch(/^local share of imports +% /m);
    expect(readFileSync(picture, "utf8")).toMatch(/^<svg .*midpoint.*<\/svg>\n$/s);
  });

  it("has each interval as CSV and JSON, which add up to the run", async () => {
    const [csv, json] = [join(directory, "intervals.csv"), join(directory, "intervals.json")];
    const run = await simulate(...RIVERSIDE.slice(1), "--intervals", csv);
    await simulate(...RIVERSIDE.slice(1), "--intervals", json);
    const [names, ...lines] = readFileSync(csv, "utf8").trim().split("\r\n");
    const rows = JSON.parse(readFileSync(json, "utf8")) as Record<string, string | number | null>[];
    expect([names, lines.length]).toEqual([Object.keys(rows[0]!).join(","), 48]);
    expect(lines).toEqual(rows.map((row) => Object.values(row).join(",")));
    const sum = (name: string) => rows.reduce((all, row) => all + Number(row[name]), 0);
    expect([sum("cleared_wh"), sum("grid_fee_micro")]).toEqual([
      Number(run.community.clearedWh),
      Number(run.community.gridFeeMicro),
    ]);
    const most = Math.max(...rows.map((row) => Number(row.grid_export_wh)));
    expect(run.community.peakExportW).toBe(4 * most);
  });

  it.each([
    [["--grid-fee-micro-per-kwh", "0.03"], 2, /--grid-fee-micro-per-kwh 0\.03 .*micro per kWh/],
    [["--grid-fee-micro-per-kwh", "-1"], 1, /`market\.gridFeeMicroPerKwh` \(micro per kWh, whole\)/],
    [["--pricing", "average"], 2, /uniform, midpoint, marginal/],
    [["--intervals", "out.xlsx"], 2, /\.csv nor with \.json/],
  ])("is told what is wrong with %j", async (flags, code, message) => {
    const { exitCode, stderr } = await commonwatt([...RIVERSIDE, ...flags], { directory });
    expect([exitCode, stderr]).toEqual([code, expect.stringMatching(message)]);
  });

  it("ends with 1 where no file was usable", async () => {
    const data = join(directory, "broken");
    mkdirSync(data);
    writeFileSync(join(data, "broken.csv"), "nothing,to,see\n");
    const recorded = ["simulate", "--scenario", "scenarios/recorded", "--data", data, "--no-chain"];
    const { exitCode, stderr } = await commonwatt(recorded, { directory });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("broken.csv")]);
  });
});
