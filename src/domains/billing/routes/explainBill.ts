import type { BillView } from "#domains/billing/queries/bills.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { formatExactMicro } from "#kernel/units/money.ts";

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

/** Exact, so that saving is the difference of the two bills as they are written. */
function moneyText({ marketBillMicro, tariffBillMicro, savingMicro }: BillView, currency: string): string {
  const money = (micro: bigint) => `${formatExactMicro(micro < 0n ? -micro : micro)} ${currency}`;
  const bill =
    marketBillMicro < 0n ? `${money(marketBillMicro)} was received` : `the bill is ${money(marketBillMicro)}`;
  const alone = `${money(tariffBillMicro)}${tariffBillMicro < 0n ? " received" : ""} at the tariff alone`;
  const difference = savingMicro < 0n ? `${money(savingMicro)} lost` : `${money(savingMicro)} saved`;
  return `${bill}, against ${alone}: ${difference}`;
}

function withoutTariffText({ linesWithoutTariff }: BillView): string {
  if (linesWithoutTariff === 0) return "";
  return linesWithoutTariff === 1
    ? " One interval whose tariff is not known counts in neither bill."
    : ` ${linesWithoutTariff} intervals whose tariff is not known count in neither bill.`;
}
