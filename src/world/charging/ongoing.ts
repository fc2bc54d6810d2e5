import type { WaitingVehicle } from "#domains/charging/schedule/waitingVehicle.ts";
import { type ChargingDay, type DayVehicle, INTERVAL_HOURS } from "./chargingDay.ts";

/** A vehicle in the course of its day. */
export type Ongoing = { readonly vehicle: DayVehicle; readonly charged: boolean[]; leftWh: number };

export function beginDay({ vehicles }: ChargingDay): Ongoing[] {
  return vehicles.map((vehicle) => ({ vehicle, charged: [], leftWh: vehicle.wantedWh }));
}

export function isHere({ vehicle, leftWh }: Ongoing, interval: number): boolean {
  return vehicle.from <= interval && interval < vehicle.until && leftWh > 0;
}

/** Offers a vehicle power in an interval, W, and gives the energy that it takes, Wh: it stops when it has what it wants. */
export function deliver(each: Ongoing, offeredW: number): number {
  const takenWh = Math.min(each.leftWh, offeredW * INTERVAL_HOURS);
  each.leftWh -= takenWh;
  each.charged.push(offeredW > 0);
  return takenWh;
}

/** As its schedule needs it: an interval counts as the first, and what it wants is what it lacks. */
export function waitingFrom({ vehicle, charged, leftWh }: Ongoing, interval: number): WaitingVehicle {
  return {
    ...vehicle,
    from: 0,
    until: vehicle.until - interval,
    wantedWh: leftWh,
    chargedBefore: charged.slice(-1 - 1 / INTERVAL_HOURS),
  };
}

/** The most that it has use for in so many hours, W: nothing, or its least current, or more. */
export function usefulW({ vehicle, leftWh }: Pick<Ongoing, "vehicle" | "leftWh">, hours: number): number {
  if (leftWh <= 0) return 0;
  return Math.min(vehicle.mostW, Math.max(vehicle.leastW, Math.ceil(leftWh / hours)));
}
