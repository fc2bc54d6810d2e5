import type { IntervalReport } from "#community/communityRun.ts";
import type { Bills } from "#domains/billing/rules/bills.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { formatMicro } from "#kernel/units/money.ts";
import { describeCommunity, type Scenario } from "#world/simulation/scenario.ts";
import { alignColumns } from "./alignColumns.ts";

/** The bills of all homes are shown each so many intervals: two hours of quarter-hours. */
const BILLS_EVERY = 8;
const WH_PER_KWH = 1_000;

export type LiveReport = ReturnType<typeof createLiveReport>;

/** What a running community says on the terminal: its address, each interval, and the bills as they grow. */
export function createLiveReport(stream: NodeJS.WritableStream, scenario: Scenario) {
  const began = performance.now();
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: scenario.timeZone,
    dateStyle: "medium",
    timeStyle: "short",
  });
  let shown = 0;
  const line = (text: string) => stream.write(`${text}\n`);
  return {
    say: line,
    open({
      address,
      rpcUrl,
      nextIntervalId,
      bills,
    }: {
      address: string;
      rpcUrl: string;
      nextIntervalId: number;
      bills: Bills;
    }) {
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      line("");
      line(describeCommunity(scenario));
      line(`  page and API  ${address}   (API documentation: ${address}/docs)`);
      line(`  chain         ${rpcUrl}`);
      line(`  ready after ${seconds} s; Ctrl-C stops, the next start goes on from there`);
      const settled = bills.settledIntervals();
      if (settled > 0)
        line(`  going on after ${settled} settled intervals, at ${clock.format(startOf(nextIntervalId))}`);
      line("");
    },
    interval(report: IntervalReport, bills: Bills) {
      line(`${clock.format(startOf(report.intervalId))}  ${describeInterval(report)}  ${savedSoFar(bills)}`);
      shown += 1;
      if (shown % BILLS_EVERY === 0) line(`\n${renderBills(bills)}\n`);
    },
  };

  function startOf(intervalId: number): Date {
    return new Date(startsAt(intervalId, scenario.intervalSeconds) * 1_000);
  }

  function savedSoFar(bills: Bills): string {
    const saved = scenario.homes.reduce(
      (sum, { account }) => sum + bills.participant(account).savingMicro,
      0n,
    );
    return `saved so far ${formatMicro(saved, 2)}`;
  }

  function renderBills(bills: Bills): string {
    const rows = scenario.homes.map(({ name, account }) => {
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
