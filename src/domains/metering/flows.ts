import type { IntervalId } from "#kernel/units/interval.ts";

/**
 * What happened behind the meter of a home over an interval, whole Wh: consumed, generated, moved into the battery
 * (negative out of it), and stored in it at the end. import − export = load − pv + moved.
 */
export type HomeFlow = {
  readonly member: number;
  readonly loadWh: number;
  readonly pvWh: number;
  readonly movedWh: number;
  readonly storedWh: number;
};

/** Flows of an area's homes over one interval, whole Wh ≥ 0; `localWh` is what exports of homes covered of imports. */
export type AreaFlow = {
  readonly loadWh: number;
  readonly pvWh: number;
  readonly chargedWh: number;
  readonly dischargedWh: number;
  readonly storedWh: number;
  readonly gridImportWh: number;
  readonly gridExportWh: number;
  readonly localWh: number;
};

/** What the sub-meters of homes said, interval by interval: for people to see, not signed, not paid for (R6.10). */
export type FlowHistory = {
  record(intervalId: IntervalId, flows: readonly HomeFlow[]): void;
  /** The newest interval recorded; null before the first. */
  newest(): IntervalId | null;
  area(intervalId: IntervalId): AreaFlow | null;
  home(intervalId: IntervalId, member: number): HomeFlow | null;
};
