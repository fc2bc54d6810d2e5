import { assert } from "#kernel/units/assert.ts";
import type { SchedulingSite, VehicleSchedule, WaitingVehicle } from "./waitingVehicle.ts";

const SECONDS_PER_HOUR = 3_600;
/** A whole number of watts that floating point made a little more. */
const ROUNDING = 1e-6;

/**
 * A vehicle while its schedule is made. Energy is counted in watts of one interval, so that it is whole: what a W gives within
 * an interval is 1.
 *
 * @property until no later than the last interval that is planned
 */
export type Charging = {
  readonly vehicle: WaitingVehicle;
  readonly until: number;
  readonly wanted: number;
  readonly offeredW: number[];
  readonly starts: number[];
  left: number;
};

export function beginCharging(vehicle: WaitingVehicle, site: SchedulingSite): Charging {
  const { phases, leastW, mostW, chargedBefore = [] } = vehicle;
  assert(phases.length > 0 && leastW <= mostW, `vehicle ${vehicle.id} is on no phase, or has no power`);
  const wanted = Math.ceil((vehicle.wantedWh * SECONDS_PER_HOUR) / site.intervalSeconds - ROUNDING);
  return {
    vehicle,
    until: Math.min(vehicle.until, site.limitW.length),
    wanted,
    offeredW: [],
    starts: startsOf(chargedBefore).map((index) => index - chargedBefore.length),
    left: wanted,
  };
}

/** Where a vehicle began to charge. */
export function startsOf(charged: readonly boolean[]): number[] {
  return charged.flatMap((isOn, index) => (isOn && charged[index - 1] !== true ? [index] : []));
}

export function isOnBefore({ vehicle, offeredW }: Charging, interval: number): boolean {
  if (interval > 0) return (offeredW[interval - 1] ?? 0) > 0;
  return vehicle.chargedBefore?.at(-1) ?? false;
}

/** Whether it may charge in an interval by the bound on its starts. */
export function mayCharge(each: Charging, interval: number, site: SchedulingSite): boolean {
  if (isOnBefore(each, interval)) return true;
  const hourAgo = interval - SECONDS_PER_HOUR / site.intervalSeconds;
  return each.starts.filter((start) => start > hourAgo).length < site.mostStartsAnHour;
}

/** Books what it is offered in the next interval; a vehicle stops by itself when it has what it wants. */
export function charge(each: Charging, offeredW: number): void {
  const interval = each.offeredW.length;
  if (offeredW > 0 && !isOnBefore(each, interval)) each.starts.push(interval);
  each.offeredW.push(offeredW);
  each.left = Math.max(0, each.left - offeredW);
}

export function scheduleOf(
  { vehicle, wanted, left, offeredW }: Charging,
  site: SchedulingSite,
): VehicleSchedule {
  const { id, wantedWh } = vehicle;
  const energyWh = Math.min(wantedWh, ((wanted - left) * site.intervalSeconds) / SECONDS_PER_HOUR);
  return { id, offeredW, energyWh, shortfallWh: wantedWh - energyWh };
}
