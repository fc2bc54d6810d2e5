import type { ReadingQuality } from "#domains/metering/rules/meterReading.ts";

/** How a value of a series came about; the position in the list is its code in {@link EnergyRow.quality}. */
export const SERIES_QUALITIES = ["measured", "estimated", "substituted"] as const satisfies ReadingQuality[];

/** Load and PV of all homes over one interval: whole Wh ≥ 0, one element a home, in the order of the homes. */
export type EnergyRow = {
  readonly loadWh: Float64Array;
  readonly pvWh: Float64Array;
  readonly quality: Uint8Array;
};

/**
 * The physical truth of a community, interval by interval. Index 0 is the scenario's first interval.
 *
 * @property intervals how many there are; `Infinity` for a generator
 */
export type EnergySeries = {
  readonly intervals: number;
  /** Fills `row` for the interval; the caller owns the row. */
  read(index: number, row: EnergyRow): void;
};

/** A row of zeros for `homes` homes. */
export function createEnergyRow(homes: number): EnergyRow {
  return {
    loadWh: new Float64Array(homes),
    pvWh: new Float64Array(homes),
    quality: new Uint8Array(homes),
  };
}
