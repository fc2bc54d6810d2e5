import type { HomeBill } from "#community/liveBills.ts";
import { type IntervalId, startsAt } from "#kernel/units/interval.ts";
import { formatMicro } from "#kernel/units/money.ts";
import { describeCommunity } from "#platform/runtime/describeCommunity.ts";
import { accountOf } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { alignColumns } from "./alignColumns.ts";

/** The bills of all homes are shown each so many intervals: two hours of quarter-hours. */
const BILLS_EVERY = 8;
const WH_PER_KWH = 1_000;

/** What is told when communities are ready: where each goes on. */
type Opening = {
  readonly address: string;
  readonly rpcUrl: string;
  readonly areas: readonly {
    readonly scenario: Scenario;
    readonly nextIntervalId: IntervalId;
    readonly settledIntervals: number;
  }[];
};

/** What an interval came to, and the bills with it. A failed one has no market. */
export type LiveInterval = {
  readonly scenario: Scenario;
  readonly intervalId: IntervalId;
  readonly bills: { savingMicro(): bigint; billOf(account: number): HomeBill };
  readonly came:
    | {
        readonly status: "settled";
        readonly clearedWh: bigint;
        readonly trades: number;
        readonly localPriceMicroPerKwh: bigint;
        readonly gasUsed: bigint;
      }
    | { readonly status: "failed"; readonly cause: unknown };
};

export type LiveReport = ReturnType<typeof createLiveReport>;

/** What running communities say on the terminal: their address, each interval, and the bills as they grow. */
export function createLiveReport(stream: NodeJS.WritableStream, scenarios: readonly Scenario[]) {
  const began = performance.now();
  const shown = new Map<string, number>();
  const line = (text: string) => stream.write(`${text}\n`);
  const placeOf = ({ title }: Scenario) => (scenarios.length > 1 ? `${title}: ` : "");
  return {
    say: line,
    open({ areas, ...addresses }: Opening) {
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      for (const text of openingLines(scenarios, addresses, seconds)) line(text);
      for (const { scenario, nextIntervalId, settledIntervals } of areas) {
        const place = `${settledIntervals} settled intervals, at ${timeOf(scenario, nextIntervalId)}`;
        if (settledIntervals > 0) line(`  ${placeOf(scenario)}going on after ${place}`);
      }
      line("");
    },
    interval({ scenario, intervalId, came, bills }: LiveInterval) {
      const time = timeOf(scenario, intervalId);
      const saved = `saved so far ${formatMicro(bills.savingMicro(), 2)}`;
      line(`${time}  ${placeOf(scenario)}${describeInterval(came)}  ${saved}`);
      const count = 1 + (shown.get(scenario.name) ?? 0);
      shown.set(scenario.name, count);
      if (count % BILLS_EVERY === 0) line(`\n${renderBills(scenario, bills)}\n`);
    },
  };
}

/** When an interval starts, on the wall of the community's zone. */
function timeOf({ timeZone, intervalSeconds }: Scenario, intervalId: IntervalId): string {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "medium", timeStyle: "short" });
  return clock.format(new Date(startsAt(intervalId, intervalSeconds) * 1_000));
}

function openingLines(
  scenarios: readonly Scenario[],
  { address, rpcUrl }: Pick<Opening, "address" | "rpcUrl">,
  seconds: string,
): string[] {
  return [
    "",
    ...scenarios.map(describeCommunity),
    `  page and API  ${address}   (API documentation: ${address}/docs)`,
    `  chain         ${rpcUrl}`,
    `  ready after ${seconds} s; Ctrl-C stops, the next start goes on from there`,
  ];
}

function renderBills(scenario: Scenario, bills: LiveInterval["bills"]): string {
  const rows = scenario.homes.map(({ name, member }) => {
    const bill = bills.billOf(accountOf(scenario, member));
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

function describeInterval(came: LiveInterval["came"]): string {
  if (came.status === "failed") return `failed: ${sentenceOf(came.cause)}`;
  const { clearedWh, trades, localPriceMicroPerKwh, gasUsed } = came;
  if (trades === 0) return "settled: nobody could trade".padEnd(58);
  const price = formatMicro(localPriceMicroPerKwh, 3);
  const gas = `${Math.round(Number(gasUsed) / 1_000)}k gas`;
  const traded = `${kWh(clearedWh)} kWh in ${trades} trades`;
  return `settled: ${traded.padEnd(21)} at ${price} a kWh, ${gas}`.padEnd(58);
}

function sentenceOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function kWh(energyWh: bigint): string {
  return (Number(energyWh) / WH_PER_KWH).toFixed(2);
}
