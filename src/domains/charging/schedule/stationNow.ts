import type { ScheduleBy } from "./scheduleVehicles.ts";
import type { SchedulingSite, WaitingVehicle } from "./waitingVehicle.ts";

/**
 * A station in an interval: who is there, within which limits, and what each is offered.
 *
 * @property startsAt of the interval, unix seconds; intervals of stays are counted from it
 * @property limitUntil the station's limit is known so long, unix seconds
 * @property points its charging points
 * @property by the rule that it goes by
 * @property offeredW to each vehicle, W, in their order
 */
export type StationNow = {
  readonly startsAt: number;
  readonly limitUntil: number;
  readonly points: number;
  readonly site: SchedulingSite;
  readonly by: ScheduleBy;
  readonly vehicles: readonly WaitingVehicle[];
  readonly offeredW: readonly number[];
};

/** The stations of an area as their operator knows them, by member; null of one that is not there. */
export type StationsNow = (member: number) => Promise<StationNow | null>;
