import { Command } from "commander";
import { afterEach, expect, it, vi } from "vitest";
import { registerStationDay } from "./stationDay.ts";

afterEach(() => vi.restoreAllMocks());

it("prints the day for people, and the same figures for programs", async () => {
  const text = await run("--seed", "7");
  const report = JSON.parse(await run("--seed", "7", "--json"));
  const { vehicles, trades, call } = report;
  expect(report).toMatchObject({ seed: 7, peakW: 30_000, callMicroPerKwh: "350000", belowComfort: 0 });
  expect(text).toContain(`${vehicles.taking} that want energy, ${vehicles.giving} with energy to spare`);
  expect(text).toContain(`${trades.count} trades, ${(trades.deliveredWh / 1_000).toFixed(2)} kWh`);
  expect(text).toContain(`27.7 ct is what it costs: ${(call.answeredWh / 1_000).toFixed(2)} kWh`);
});

it("says who declined a call that does not pay", async () => {
  expect(await run("--seed", "7", "--call", "20")).toMatch(/[1-9]\d* declined: below its cost/);
});

it("refuses a peak of nothing", async () => {
  await expect(run("--peak", "0")).rejects.toThrow("a whole number from 1 to 10000 is needed");
});

async function run(...args: string[]): Promise<string> {
  let text = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  registerStationDay(program);
  await program.parseAsync(["node", "commonwatt", "station-day", ...args]);
  vi.restoreAllMocks();
  return text;
}
