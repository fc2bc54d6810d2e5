import { Command } from "commander";
import { afterEach, describe, expect, it, vi } from "vitest";
import { runCommand } from "#cli/exit.ts";
import { registerReproduce } from "#cli/reproduce.ts";
import type { QuotaReport } from "#domains/charging/shanghai/quotaReport.ts";
import { byStation } from "#domains/charging/shanghai/shanghaiCase.ts";

/*
 * The case of Shanghai on the embedded chain: contracts, clock, signatures, readings and all. The command itself refuses an
 * outcome of the chain that is not the rules'.
 */

const micro = (tokens: readonly number[]) => byStation((_, i) => Math.round(tokens[i]! * 1e6));
const watts = (kw: readonly number[]) => byStation((_, i) => Math.round(kw[i]! * 1e3));

afterEach(() => {
  vi.restoreAllMocks();
});

describe("commonwatt reproduce ev-quota --json", () => {
  it("is the book's case with 323 kW, by pairs (E9.1, E9.6)", async () => {
    const report: QuotaReport = JSON.parse(await run("--json"));
    expect(Object.keys(report)).toEqual([
      "beta",
      "quotasW",
      "trades",
      "auctionPaymentMicro",
      "serviceFeeMicro",
      "serviceFeeBookBasisMicro",
      "balanced",
      "errata",
      "gas",
    ]);
    expect(report.beta).toBe(323 / 390);
    expect(report.quotasW).toEqual(watts([29.815, 39.754, 34.785, 54.662, 24.846, 54.661, 44.723, 39.754]));
    expect(report.auctionPaymentMicro).toEqual(micro([0, 149.5, -151.9, 240, 70.4, -162, 0, -146]));
    expect(report.balanced).toBe(true);
    expect(report.trades[0]).toEqual({
      buyer: "E",
      seller: "H",
      quotaW: 3_200,
      priceMicroPerKw: 22_000_000,
      paymentMicro: 70_400_000,
    });
    expect(report.serviceFeeMicro.B).toBe(2_590_224_000);
    expect(Math.round(report.serviceFeeBookBasisMicro.A / 1e4)).toBe(333_932);
    expect(report.errata.map(({ id }) => id)).toContain("E9.5");
    expect(Math.max(...Object.values(report.gas))).toBeLessThan(10_000_000);
    expect(report.gas.settlements).toBe(2 * 8);
  });

  it("is the printed margin of 343 kW at one price, settled in two transactions instead of sixteen (R4.11)", async () => {
    const args = ["--margin", "343", "--pricing", "uniform", "--grouped", "--json"];
    const report: QuotaReport = JSON.parse(await run(...args));
    expect(report.gas.settlements).toBe(2);
    expect(report.beta).toBe(343 / 390);
    expect(report.auctionPaymentMicro).toEqual(micro([0, 149.5, -151.8, 250.7, 73.6, -165.6, 0, -156.4]));
    expect(report.quotasW.D).toBe(58_046);
  });
});

describe("commonwatt reproduce ev-quota", () => {
  it("prints the book's tables beside ours, and why they differ", async () => {
    const text = await run();
    expect(text).toMatch(/^A +36\.000 +29\.82 +29\.815 +29\.815$/m);
    expect(text).toMatch(/^B +73\.60 +149\.50 +75\.90$/m);
    expect(text).toMatch(/^Σ +-149\.50 +0\.00 +149\.50$/m);
    expect(text).toMatch(/^A +3339\.32 +3339\.32 +1669\.66 +1669\.70$/m);
    expect(text).toContain("343 kW gives β 0.8795, 323 kW gives 0.8282");
  });
});

/** Runs the command in this process and gives what it printed. */
async function run(...args: string[]): Promise<string> {
  let printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  const program = new Command("commonwatt").exitOverride();
  registerReproduce(program);
  await runCommand(() => program.parseAsync(["reproduce", "ev-quota", ...args], { from: "user" }));
  vi.restoreAllMocks();
  expect(process.exitCode ?? 0).toBe(0);
  return printed;
}
