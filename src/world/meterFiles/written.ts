import type { ColumnRole } from "./hints.ts";
import type { RowTimes } from "./placeTimes.ts";
import type { Fact, MeterStates, Quantity, RefusedRow } from "./recording.ts";

/**
 * A column as a format understood it, before its times are placed.
 *
 * @property values a row each, in base units; NaN where there is none
 * @property times of its rows; columns of one table share them
 * @property isRegister whether the values are states of a counter
 */
export type WrittenColumn = {
  readonly name: string;
  readonly role: ColumnRole;
  readonly quantity: Quantity;
  readonly unit: string;
  readonly isRegister: boolean;
  readonly values: Float64Array;
  readonly times: RowTimes;
};

/**
 * What a format read of one meter.
 *
 * @property zone of local times, when the file or its format says it
 * @property times which end of its interval a time stands for; null where nothing says it
 * @property stepSeconds length of an interval, when the file says it
 */
export type Written = {
  readonly meter: string | null;
  readonly columns: readonly WrittenColumn[];
  readonly zone: { readonly name: string; readonly because: string } | null;
  readonly times: "start" | "end" | null;
  readonly stepSeconds: number | null;
  readonly rows: number;
  readonly refused: readonly RefusedRow[];
  readonly facts: readonly Fact[];
  readonly warnings: readonly string[];
  /** Given instead of columns where there are no intervals. */
  readonly states?: MeterStates;
};
