import type { VehicleSchedule, WaitingVehicle } from "./waitingVehicle.ts";

/** Below this a difference is rounding, Wh: a shortfall is a difference of whole watts of an interval. */
const SAME_WH = 1e-6;

/** Which of two schedules of the same vehicles is shorter of energy: by falling priority, its vehicles together. Negative for the first. */
export function compareShortfalls(
  one: readonly VehicleSchedule[],
  other: readonly VehicleSchedule[],
  vehicles: readonly WaitingVehicle[],
): number {
  for (const priority of prioritiesOf(vehicles)) {
    const sum = (of: readonly VehicleSchedule[]) =>
      of.reduce(
        (total, { shortfallWh }, i) => total + ((vehicles[i]?.priority ?? 0) === priority ? shortfallWh : 0),
        0,
      );
    const difference = sum(one) - sum(other);
    if (Math.abs(difference) > SAME_WH) return difference;
  }
  return 0;
}

/** The highest first. */
export function prioritiesOf(vehicles: readonly WaitingVehicle[]): number[] {
  return [...new Set(vehicles.map(({ priority = 0 }) => priority))].sort((one, other) => other - one);
}
