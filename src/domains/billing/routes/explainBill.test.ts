import { expect, test } from "vitest";
import type { BillView } from "#domains/billing/queries/bills.ts";
import { explainBill } from "./explainBill.ts";

const NOTHING: BillView = {
  account: 4,
  intervals: 96,
  importWh: 0n,
  exportWh: 0n,
  gridImportWh: 0n,
  gridExportWh: 0n,
  charges: [],
  netMicro: 0n,
  gridMicro: 0n,
  feedInMicro: 0n,
  marketBillMicro: 0n,
  tariffBillMicro: 0n,
  savingMicro: 0n,
  linesWithoutTariff: 0,
};

test.each<[string, Partial<BillView>, string]>([
  [
    "a buyer",
    {
      importWh: 11_000n,
      gridImportWh: 6_800n,
      marketBillMicro: 2_902_660n,
      tariffBillMicro: 3_520_000n,
      savingMicro: 617_340n,
    },
    "4.20 kWh of 11.00 kWh imported came from neighbours; the bill is €2.90, against €3.52 at the tariff alone: €0.62 saved.",
  ],
  [
    "a seller",
    {
      importWh: 1_000n,
      gridImportWh: 1_000n,
      exportWh: 5_000n,
      marketBillMicro: -700_000n,
      tariffBillMicro: -80_000n,
      savingMicro: 620_000n,
    },
    "None of 1.00 kWh imported came from neighbours and all 5.00 kWh exported went to neighbours; €0.70 was received, against €0.08 received at the tariff alone: €0.62 saved.",
  ],
  [
    "a loss whose cents are those between the bills as they are written",
    {
      importWh: 1_000n,
      gridImportWh: 500n,
      marketBillMicro: 1_015_000n,
      tariffBillMicro: 1_004_000n,
      savingMicro: -11_000n,
    },
    "0.50 kWh of 1.00 kWh imported came from neighbours; the bill is €1.02, against €1.00 at the tariff alone: €0.02 lost.",
  ],
  [
    "a loss below a cent",
    { importWh: 1_000n, gridImportWh: 500n, marketBillMicro: 5n, tariffBillMicro: 4n, savingMicro: -1n },
    "0.50 kWh of 1.00 kWh imported came from neighbours; the bill is €0.00, as much as at the tariff alone.",
  ],
  [
    "nothing, with intervals of an unknown tariff",
    { linesWithoutTariff: 2 },
    "Nothing was imported or exported; the bill is €0.00, as much as at the tariff alone. 2 intervals whose tariff is not known count in neither bill.",
  ],
])("%s reads as a sentence whose money adds up", (_name, sums, sentence) => {
  expect(explainBill({ ...NOTHING, ...sums }, "EUR")).toBe(sentence);
});
