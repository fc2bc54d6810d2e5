import { readFileSync } from "node:fs";
import { Writable } from "node:stream";
import { beforeEach, expect, it } from "vitest";
import { createIntervalNews } from "#community/pool/intervalNews.ts";
import { describeCommunity } from "#platform/runtime/describeCommunity.ts";
import { runInMemory } from "#world/simulation/run.ts";
import { type Bills, createBills } from "#world/simulation/runBills.ts";
import { parseScenarioFile } from "#world/simulation/scenarioFile.ts";
import { buildSyntheticScenario } from "#world/simulation/syntheticScenario.ts";
import { createLiveReport } from "./liveReport.ts";
import { printBills } from "./simulateTable.ts";

const file = parseScenarioFile(readFileSync("scenarios/brooklyn/scenario.yaml", "utf8"), "brooklyn");
const scenario = {
  ...buildSyntheticScenario("brooklyn", { ...file, synthetic: file.synthetic! }),
  intervals: 12,
};

let text: string;
let stream: Writable;
beforeEach(() => {
  text = "";
  stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
});

/** The bills of a run in memory as a live report gets them. */
function billsOf(bills: Bills): Parameters<typeof createIntervalNews>[1] {
  const savings = () => scenario.homes.map(({ member }) => bills.participant(member).savingMicro);
  return {
    billOf: bills.participant,
    savingMicro: () => savings().reduce((sum, micro) => sum + micro, 0n),
  };
}

it("says each interval with its time, energy, price and what is saved, and the bills after eight", () => {
  const report = createLiveReport(stream, [scenario]);
  const bills = createBills(scenario);
  const newsOf = createIntervalNews(scenario, billsOf(bills));
  runInMemory(scenario, {
    onInterval: (outcome) => {
      bills.record(outcome);
      const { clearedWh, intervalId } = outcome;
      const trades = outcome.positions.size;
      const came = { clearedWh, trades, localPriceMicroPerKwh: 150_000n, gasUsed: 512_345n };
      report.news(scenario, newsOf(intervalId, { status: "settled", ...came }));
    },
  });
  const lines = text.split("\n").filter((line) => line.includes("settled: "));
  expect(lines).toHaveLength(12);
  expect(lines[0]).toMatch(/^12 May 2025, 09:00 {2}settled: .* saved so far /);
  expect(lines[1]).toMatch(/^12 May 2025, 09:15/);
  expect(text).toMatch(/settled: \d+\.\d\d kWh in \d+ trades +at US\$0\.150 a kWh, 512k gas/);
  expect(text.match(/bills so far/g)).toHaveLength(1);
  for (const { name } of scenario.homes) expect(text).toContain(name);
  const saved = billsOf(bills).savingMicro();
  expect(lines.at(-1)).toContain(`saved so far US$${(Number(saved) / 1e6).toFixed(2)}`);
});

it("says what nobody traded and what failed, in a sentence, and of which community", () => {
  const report = createLiveReport(stream, [scenario, { ...scenario, name: "other", title: "Elsewhere" }]);
  const newsOf = createIntervalNews(scenario, billsOf(createBills(scenario)));
  const { firstIntervalId: intervalId } = scenario;
  const nothing = { clearedWh: 0n, trades: 0, localPriceMicroPerKwh: 0n, gasUsed: 0n };
  report.news(scenario, newsOf(intervalId, { status: "settled", ...nothing }));
  const cause = new Error("no chain answers");
  report.news(scenario, newsOf(intervalId, { status: "failed", cause }));
  expect(text).toMatch(/Brooklyn: settled: nobody could trade/);
  expect(text).toMatch(/Brooklyn: failed: no chain answers/);
});

it("opens with its addresses, and where it goes on", () => {
  const report = createLiveReport(stream, [scenario]);
  const places = { address: "http://127.0.0.1:8080", rpcUrl: "http://127.0.0.1:9" };
  report.open({ ...places, areas: [{ scenario, goesOn: null }] });
  expect(text).toContain(describeCommunity(scenario));
  expect(text).toContain("http://127.0.0.1:8080/docs");
  expect(text).not.toContain("going on");
  const goesOn = { after: "12 settled intervals", at: scenario.startsAt + 12 * 900 };
  report.open({ ...places, areas: [{ scenario, goesOn }] });
  expect(text).toContain("going on after 12 settled intervals, at 12 May 2025, 12:00");
});

it("prints a finished run: every home, the community, and the chain when there was one", () => {
  const result = runInMemory(scenario);
  const chain = { transactions: 36, trades: 40, gasPerTrade: 12_345 };
  const table = printBills(result, { chain, wallSeconds: 1.234 });
  for (const { id } of scenario.homes) expect(table).toMatch(new RegExp(`^${id} .*\\d+\\.\\d\\d$`, "m"));
  expect(table).toMatch(/intervals settled +12 of 12 +0 failed/);
  expect(table).toMatch(/36 transactions +40 trades, 12345 gas a trade/);
  expect(table).toMatch(/time +1\.2 s/);
  const share = (100 * result.bills.community().localShare).toFixed(1);
  expect(table).toContain(`${share} %`);
  expect(printBills(result, { chain: null, wallSeconds: 1 })).not.toContain("on the chain");
});
