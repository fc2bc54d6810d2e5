import type { ColumnRole } from "./hints.ts";

/** A row that is not used; its place becomes a gap. */
export type RefusedRow = { readonly line: number; readonly reason: string };

/** Something that was understood, and how it is known. */
export type Fact = { readonly what: string; readonly says: string; readonly because: string };

/**
 * What a column of a recording holds.
 *
 * @property values on the recording's grid, NaN where there is none; W, Wh, micro per kWh, or plain
 * @property estimated 1 where a value was spread over a gap of a register; null where none was
 * @property unit of the file's cells
 */
export type RecordedColumn = {
  readonly name: string;
  readonly role: ColumnRole;
  readonly quantity: Quantity;
  readonly unit: string;
  readonly values: Float64Array;
  readonly estimated: Uint8Array | null;
};

export type Quantity = "power" | "energy" | "price" | "plain";

/**
 * A recorded file, or one meter of it, on its own regular grid: value `i` of each column belongs to
 * `[startsAt + i · stepSeconds, startsAt + (i + 1) · stepSeconds)`.
 */
export type Recording = {
  readonly file: string;
  readonly stem: string;
  readonly meter: string | null;
  /** The zone of its times, in which its day is shown; null where each time had its offset. */
  readonly zone: string | null;
  readonly startsAt: number;
  readonly stepSeconds: number;
  readonly length: number;
  readonly columns: readonly RecordedColumn[];
  readonly rows: number;
  readonly refused: readonly RefusedRow[];
  readonly facts: readonly Fact[];
  readonly warnings: readonly string[];
};

/**
 * States of a meter's counters that make no interval: one telegram, or a reading of months.
 *
 * @property from unix seconds of the state before, null where the counter began
 */
export type MeterStates = {
  readonly meter: string | null;
  readonly from: number | null;
  readonly until: number | null;
  readonly importWh: number;
  readonly exportWh: number;
};
