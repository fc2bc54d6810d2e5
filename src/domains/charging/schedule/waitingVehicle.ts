/** A vehicle that wants energy by its departure; intervals are counted from 0. */
export type WaitingVehicle = {
  readonly id: string;
  /** First interval in which it is there, and the first in which it is gone. */
  readonly from: number;
  readonly until: number;
  readonly wantedWh: number;
  /** Its own limit, W. */
  readonly mostW: number;
  /** Below it a vehicle pauses, W: 6 A on its phases. */
  readonly leastW: number;
  /** The station's phases that it is on, evenly. */
  readonly phases: readonly (0 | 1 | 2)[];
  /** A promise of a higher one is kept first; 0 when it is not told. */
  readonly priority?: number;
  /** Whether it charged in each of the intervals before 0, the latest last: an hour of them bears on its starts. */
  readonly chargedBefore?: readonly boolean[];
};

export type SchedulingSite = {
  /** What the station may draw, W, an interval: as many as are planned. */
  readonly limitW: readonly number[];
  /** Of each phase, W. */
  readonly phaseLimitW: number;
  readonly intervalSeconds: number;
  /** A vehicle begins to charge so often within an hour at most. */
  readonly mostStartsAnHour: number;
  /** What energy costs in each interval, for `linearProgram`; the same all the time when it is not told. */
  readonly priceMicroPerKwh?: readonly number[];
};

/** Power that a vehicle is offered in each interval, and what it lacks when it leaves. */
export type VehicleSchedule = {
  readonly id: string;
  readonly offeredW: readonly number[];
  readonly energyWh: number;
  readonly shortfallWh: number;
};
