import { sentenceOf } from "#kernel/units/domainError.ts";
import { type IntervalId, startsAt } from "#kernel/units/interval.ts";
import { formatMicro } from "#kernel/units/money.ts";
import { type MoneyWords, moneyWords } from "#kernel/units/moneyWords.ts";
import { accountOf } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import type { AreaNews } from "../areaKind.ts";
import type { HomeBill } from "./liveBills.ts";

/** The bills of all homes are shown each so many intervals: two hours of quarter-hours. */
const BILLS_EVERY = 8;
const WH_PER_KWH = 1_000;

/** What an interval came to. A failed one has no market. */
export type CameTo =
  | {
      readonly status: "settled";
      readonly clearedWh: bigint;
      readonly trades: number;
      readonly localPriceMicroPerKwh: bigint | null;
      readonly gasUsed: bigint;
    }
  | { readonly status: "failed"; readonly cause: unknown };

type BillsSoFar = { savingMicro(): bigint; billOf(account: number): HomeBill };

/** Tells of the intervals of a community in turn: each in a sentence, and the bills with every eighth. */
export function createIntervalNews(
  scenario: Scenario,
  bills: BillsSoFar,
): (intervalId: IntervalId, came: CameTo) => AreaNews {
  let told = 0;
  const words = moneyWords(scenario.currency);
  return (intervalId, came) => {
    told += 1;
    const saved = `saved so far ${words.money(bills.savingMicro())}`;
    return {
      startsAt: startsAt(intervalId, scenario.intervalSeconds),
      sentence: `${describeInterval(came, words)}  ${saved}`,
      table: told % BILLS_EVERY === 0 ? { rows: billRows(scenario, bills), alignment: "lrrrrr" } : null,
    };
  };
}

function billRows(scenario: Scenario, bills: BillsSoFar): readonly (readonly string[])[] {
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
  return [["  bills so far", "bought kWh", "sold kWh", "by tariff", "with market", "saving"], ...rows];
}

function describeInterval(came: CameTo, words: MoneyWords): string {
  if (came.status === "failed") return `failed: ${sentenceOf(came.cause)}`;
  const { clearedWh, trades, localPriceMicroPerKwh, gasUsed } = came;
  if (trades === 0) return "settled: nobody could trade".padEnd(58);
  const price = words.price(localPriceMicroPerKwh ?? 0n);
  const gas = `${Math.round(Number(gasUsed) / 1_000)}k gas`;
  const traded = `${kWh(clearedWh)} kWh in ${trades} trades`;
  return `settled: ${traded.padEnd(21)} at ${price} a kWh, ${gas}`.padEnd(58);
}

function kWh(energyWh: bigint): string {
  return (Number(energyWh) / WH_PER_KWH).toFixed(2);
}
