import { type TariffPrices, tariffMicro } from "./tariff.ts";

/**
 * What of a reading came from and went to neighbours, whole Wh ≥ 0.
 *
 * @property consumedWh delivered by markets and consumed; `deliveredWh` owed to markets and exported
 */
export type LocalEnergy = { readonly consumedWh: number; readonly deliveredWh: number };

/** What the grid supplied and took: imported beyond what neighbours delivered, exported beyond what they took, whole Wh ≥ 0. */
export type GridEnergy = { readonly gridImportWh: number; readonly gridExportWh: number };

/** What of a reading is the grid's (`docs/model/bills.md`, equation 1). */
export function gridEnergy(
  { importWh, exportWh }: { readonly importWh: number; readonly exportWh: number },
  { consumedWh, deliveredWh }: LocalEnergy,
): GridEnergy {
  return { gridImportWh: importWh - consumedWh, gridExportWh: exportWh - deliveredWh };
}

/** The energy of a line beyond the markets at the tariff, micro; a credit is negative (`docs/model/bills.md`, equation 2). */
export function beyondMicro({ gridImportWh, gridExportWh }: GridEnergy, prices: TariffPrices): number {
  return tariffMicro(gridImportWh, gridExportWh, prices);
}
