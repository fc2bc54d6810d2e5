import { formatMicro } from "#kernel/units/money.ts";
import { dateTimeText } from "#platform/api/localTime.ts";
import { describeCommunity } from "#platform/runtime/describeCommunity.ts";
import type { RunResult } from "#world/simulation/run.ts";
import { alignColumns } from "./alignColumns.ts";
import { percent } from "./percent.ts";

const WH_PER_KWH = 1_000;
const W_PER_KW = 1_000;

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
  const { currency, timeZone } = scenario;
  const units = ["", "kWh", "kWh", "kWh", "kWh", currency, currency, currency];
  const money = (micro: bigint) => `${formatMicro(micro, 2)} ${currency}`;
  const when = (startsAt: number | null) => (startsAt === null ? "" : dateTimeText(startsAt, timeZone));
  const facts = [
    ["intervals settled", `${bills.settledIntervals()} of ${intervals}`, `${bills.failedIntervals()} failed`],
    ["local share of imports", percent(community.localShare), ""],
    ["peak import of all homes", kW(community.peakImportW), when(community.peakImportStartsAt)],
    ["peak export of all homes", kW(community.peakExportW), when(community.peakExportStartsAt)],
    ["traded", `${kWh(community.clearedWh)} kWh`, `welfare ${money(community.welfareMicro)}`],
    ["grid fees to the DSO", money(community.gridFeeMicro), ""],
    ["saved by all homes", money(saving), ""],
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

function kW(powerW: number): string {
  return `${(powerW / W_PER_KW).toFixed(1)} kW`;
}

function kWh(energyWh: bigint): string {
  return (Number(energyWh) / WH_PER_KWH).toFixed(1);
}
