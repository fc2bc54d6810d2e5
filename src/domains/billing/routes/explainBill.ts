import type { BillView } from "#domains/billing/queries/bills.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { moneyWords } from "#kernel/units/moneyWords.ts";
import { MICRO_PER_CENT, roundDifference } from "#kernel/units/roundedParts.ts";

/** A time of many intervals in one sentence, against the tariff alone (R3.9). */
export function explainBill(bill: BillView, currency: string): string {
  const flows = [
    flowText({
      energyWh: bill.importWh,
      gridWh: bill.gridImportWh,
      metered: "imported",
      local: "came from neighbours",
    }),
    flowText({
      energyWh: bill.exportWh,
      gridWh: bill.gridExportWh,
      metered: "exported",
      local: "went to neighbours",
    }),
  ].filter((text) => text !== null);
  const energy = flows.length > 0 ? flows.join(" and ") : "Nothing was imported or exported";
  const sentence = energy.charAt(0).toUpperCase() + energy.slice(1);
  return `${sentence}; ${moneyText(bill, currency)}.${withoutTariffText(bill)}`;
}

function flowText({
  energyWh,
  gridWh,
  metered,
  local,
}: {
  energyWh: bigint;
  gridWh: bigint;
  metered: string;
  local: string;
}): string | null {
  if (energyWh === 0n) return null;
  const whole = `${formatKwh(energyWh)} kWh ${metered} ${local}`;
  if (gridWh === 0n) return `all ${whole}`;
  return gridWh === energyWh ? `none of ${whole}` : `${formatKwh(energyWh - gridWh)} kWh of ${whole}`;
}

/** In cents; what was saved is what lies between the two bills as they are written. */
function moneyText({ marketBillMicro, tariffBillMicro }: BillView, currency: string): string {
  const { money: format } = moneyWords(currency);
  const money = (micro: bigint) => format(micro < 0n ? -micro : micro);
  const { difference: savedMicro } = roundDifference(
    { first: tariffBillMicro, second: marketBillMicro },
    MICRO_PER_CENT,
  );
  const bill =
    marketBillMicro < 0n ? `${money(marketBillMicro)} was received` : `the bill is ${money(marketBillMicro)}`;
  if (savedMicro === 0n) return `${bill}, as much as at the tariff alone`;
  const alone = `${money(tariffBillMicro)}${tariffBillMicro < 0n ? " received" : ""} at the tariff alone`;
  const difference = savedMicro < 0n ? `${money(savedMicro)} lost` : `${money(savedMicro)} saved`;
  return `${bill}, against ${alone}: ${difference}`;
}

function withoutTariffText({ linesWithoutTariff }: BillView): string {
  if (linesWithoutTariff === 0) return "";
  return linesWithoutTariff === 1
    ? " One interval whose tariff is not known counts in neither bill."
    : ` ${linesWithoutTariff} intervals whose tariff is not known count in neither bill.`;
}
