import { type TariffPrices, tariffMicro } from "./tariff.ts";

/** What the meter of a member registered over an interval, and what the member traded, whole Wh ≥ 0. */
export type TradedReading = {
  readonly importWh: number;
  readonly exportWh: number;
  readonly boughtWh: number;
  readonly soldWh: number;
  /** Sold net and not exported. */
  readonly shortfallWh: number;
  /** Bought net and not imported. */
  readonly unconsumedWh: number;
};

/**
 * A reading parted into what came from and went to neighbours, and what the grid supplied and took, whole Wh ≥ 0.
 *
 * @property consumedWh bought net and consumed; `deliveredWh` sold net and exported
 * @property gridImportWh imported beyond what was bought; `gridExportWh` exported beyond what was sold
 */
export type BillLine = {
  readonly consumedWh: number;
  readonly deliveredWh: number;
  readonly gridImportWh: number;
  readonly gridExportWh: number;
};

/**
 * What of a reading is local and what is the grid's (`docs/model/bills.md`, equation 1). No more counts as consumed or
 * delivered than the meter said.
 */
export function billLine(reading: TradedReading): BillLine {
  const { importWh, exportWh, boughtWh, soldWh, shortfallWh, unconsumedWh } = reading;
  const consumedWh = Math.max(0, boughtWh - soldWh) - unconsumedWh;
  const deliveredWh = Math.max(0, soldWh - boughtWh) - shortfallWh;
  return {
    consumedWh,
    deliveredWh,
    gridImportWh: importWh - consumedWh,
    gridExportWh: exportWh - deliveredWh,
  };
}

/** The energy of a line beyond the market at the tariff, micro; a credit is negative (`docs/model/bills.md`, equation 2). */
export function beyondMicro({ gridImportWh, gridExportWh }: BillLine, prices: TariffPrices): number {
  return tariffMicro(gridImportWh, gridExportWh, prices);
}
