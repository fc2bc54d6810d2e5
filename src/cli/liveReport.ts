import type { IntervalReport } from "#community/communityRun.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { formatMicro } from "#kernel/units/money.ts";
import { describeCommunity } from "#platform/runtime/describeCommunity.ts";
import type { Bills } from "#world/simulation/runBills.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { alignColumns } from "./alignColumns.ts";

/** The bills of all homes are shown each so many intervals: two hours of quarter-hours. */
const BILLS_EVERY = 8;
const WH_PER_KWH = 1_000;

/** What is told when a community is ready. */
type Opening = {
  readonly address: string;
  readonly rpcUrl: string;
  readonly nextIntervalId: number;
  readonly bills: Bills;
};

export type LiveReport = ReturnType<typeof createLiveReport>;

/** What a running community says on the terminal: its address, each interval, and the bills as they grow. */
export function createLiveReport(stream: NodeJS.WritableStream, scenario: Scenario) {
  const began = performance.now();
  const timeOf = intervalClock(scenario);
  let shown = 0;
  const line = (text: string) => stream.write(`${text}\n`);
  return {
    say: line,
    open({ nextIntervalId, bills, ...addresses }: Opening) {
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      for (const text of openingLines(scenario, addresses, seconds)) line(text);
      const settled = bills.settledIntervals();
      if (settled > 0) line(`  going on after ${settled} settled intervals, at ${timeOf(nextIntervalId)}`);
      line("");
    },
    interval(report: IntervalReport, bills: Bills) {
      const saved = savedSoFar(scenario, bills);
      line(`${timeOf(report.intervalId)}  ${describeInterval(report)}  ${saved}`);
      shown += 1;
      if (shown % BILLS_EVERY === 0) line(`\n${renderBills(scenario, bills)}\n`);
    },
  };
}

/** When an interval starts, on the wall of the community's zone. */
function intervalClock({ timeZone, intervalSeconds }: Scenario): (intervalId: number) => string {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "medium", timeStyle: "short" });
  return (intervalId) => clock.format(new Date(startsAt(intervalId, intervalSeconds) * 1_000));
}

function openingLines(
  scenario: Scenario,
  { address, rpcUrl }: Pick<Opening, "address" | "rpcUrl">,
  seconds: string,
): string[] {
  return [
    "",
    describeCommunity(scenario),
    `  page and API  ${address}   (API documentation: ${address}/docs)`,
    `  chain         ${rpcUrl}`,
    `  ready after ${seconds} s; Ctrl-C stops, the next start goes on from there`,
  ];
}

function savedSoFar({ homes }: Scenario, bills: Bills): string {
  const saved = homes.reduce((sum, { account }) => sum + bills.participant(account).savingMicro, 0n);
  return `saved so far ${formatMicro(saved, 2)}`;
}

function renderBills({ homes }: Scenario, bills: Bills): string {
  const rows = homes.map(({ name, account }) => {
    const bill = bills.participant(account);
    return [
      `  ${name}`,
      kWh(bill.boughtWh),
      kWh(bill.soldWh),
      formatMicro(bill.tariffBillMicro, 2),
      formatMicro(bill.marketBillMicro, 2),
      formatMicro(bill.savingMicro, 2),
    ];
  });
  const heading = ["  bills so far", "bought kWh", "sold kWh", "by tariff", "with market", "saving"];
  return alignColumns([heading, ...rows], "lrrrrr");
}

function describeInterval(report: IntervalReport): string {
  if (report.status === "failed") return `failed: ${sentenceOf(report.cause)}`;
  const { outcome, trades, localPriceMicroPerKwh, gasUsed } = report.settled;
  if (trades === 0) return "settled: nobody could trade".padEnd(58);
  const price = formatMicro(BigInt(localPriceMicroPerKwh), 3);
  const gas = `${Math.round(Number(gasUsed) / 1_000)}k gas`;
  const traded = `${kWh(outcome.clearedWh)} kWh in ${trades} trades`;
  return `settled: ${traded.padEnd(21)} at ${price} a kWh, ${gas}`.padEnd(58);
}

function sentenceOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function kWh(energyWh: bigint): string {
  return (Number(energyWh) / WH_PER_KWH).toFixed(2);
}
