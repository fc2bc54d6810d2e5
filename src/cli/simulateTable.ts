import { formatMicro } from "#kernel/units/money.ts";
import { describeCommunity } from "#platform/runtime/describeCommunity.ts";
import type { RunResult } from "#world/simulation/run.ts";
import { alignColumns } from "./alignColumns.ts";

const WH_PER_KWH = 1_000;

/** A run for people: each home's energy and bills, and the community's figures. Money in currency units. */
export function printBills(
  { scenario, intervals, bills }: RunResult,
  {
    chain,
    wallSeconds,
  }: {
    chain: { transactions: number; trades: number; gasPerTrade: number } | null;
    wallSeconds: number;
  },
): string {
  const community = bills.community();
  const homes = scenario.homes.map(({ id, member }) => {
    const bill = bills.participant(member);
    return [
      id,
      kWh(bill.importWh),
      kWh(bill.exportWh),
      kWh(bill.boughtWh),
      kWh(bill.soldWh),
      formatMicro(bill.tariffBillMicro, 2),
      formatMicro(bill.marketBillMicro, 2),
      formatMicro(bill.savingMicro, 2),
    ];
  });
  const saving = scenario.homes.reduce((sum, { member }) => sum + bills.participant(member).savingMicro, 0n);
  const heading = ["home", "import", "export", "bought", "sold", "by tariff", "with market", "saving"];
  const units = ["", "kWh", "kWh", "kWh", "kWh", "currency", "currency", "currency"];
  const facts = [
    ["intervals settled", `${bills.settledIntervals()} of ${intervals}`, `${bills.failedIntervals()} failed`],
    ["local share of consumption", `${(100 * community.localShare).toFixed(1)} %`, ""],
    ["highest import of all homes", `${community.peakImportW} W`, ""],
    ["traded", `${kWh(community.clearedWh)} kWh`, `welfare ${formatMicro(community.welfareMicro, 2)}`],
    ["grid fees to the DSO", formatMicro(community.gridFeeMicro, 2), ""],
    ["saved by all homes", formatMicro(saving, 2), ""],
    ...(chain
      ? [
          [
            "on the chain",
            `${chain.transactions} transactions`,
            `${chain.trades} trades, ${chain.gasPerTrade} gas a trade`,
          ],
        ]
      : []),
    ["time", `${wallSeconds.toFixed(1)} s`, ""],
  ];
  return `${describeCommunity(scenario)}\n\n${alignColumns([heading, units, ...homes], "lrrrrrrr")}\n\n${alignColumns(facts, "lrl")}\n`;
}

function kWh(energyWh: bigint): string {
  return (Number(energyWh) / WH_PER_KWH).toFixed(1);
}
