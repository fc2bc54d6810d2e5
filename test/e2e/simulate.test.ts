import { existsSync, mkdtempSync, rmSync } from "node:fs";
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
