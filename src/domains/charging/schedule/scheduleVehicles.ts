import { assert } from "#kernel/units/assert.ts";

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
};

/** Who comes first when not all can be served: the least laxity alone, or all by what they need until they leave. */
export type ScheduleRule = "leastLaxity" | "proportional";

export type SchedulingSite = {
  /** What the station may draw, W, an interval. */
  readonly limitW: readonly number[];
  /** Of each phase, W. */
  readonly phaseLimitW: number;
  readonly intervalSeconds: number;
  /** A vehicle begins to charge so often within an hour at most. */
  readonly mostStartsAnHour: number;
};

/** Power that a vehicle is offered in each interval, and what it lacks when it leaves. */
export type VehicleSchedule = {
  readonly id: string;
  readonly offeredW: readonly number[];
  readonly energyWh: number;
  readonly shortfallWh: number;
};

type Charging = {
  readonly vehicle: WaitingVehicle;
  readonly offeredW: number[];
  readonly starts: number[];
  leftWh: number;
};

const SECONDS_PER_HOUR = 3_600;
const PHASES = 3;

/**
 * Parts a station's power among vehicles, interval by interval, without discharge (R4.3). Hard limits always hold: of the vehicle, of
 * each phase, of the station, the least current, and the number of starts. Who could not wait longer is served first; with
 * `leastLaxity` up to its own limit, with `proportional` with the least current, and what is left goes to all in proportion to the
 * power that each needs until it leaves. A shortfall is thereby shared the same way. Laxity is the time left less that which the
 * rest of the energy takes at the vehicle's own limit; ties go to the lesser id.
 */
export function scheduleVehicles(
  vehicles: readonly WaitingVehicle[],
  { site, rule }: { readonly site: SchedulingSite; readonly rule: ScheduleRule },
): VehicleSchedule[] {
  const all: Charging[] = vehicles.map((vehicle) => {
    assert(vehicle.phases.length > 0 && vehicle.leastW <= vehicle.mostW, "a vehicle on no phase or no power");
    return { vehicle, offeredW: [], starts: [], leftWh: vehicle.wantedWh };
  });
  const hours = site.intervalSeconds / SECONDS_PER_HOUR;
  for (const [interval, limitW] of site.limitW.entries()) {
    const waiting = all
      .filter((each) => isWaiting(each, { interval, site }))
      .sort((one, other) => compareLaxity(one, other, { interval, hours }));
    const offers = offerAll(waiting, { interval, limitW, site, rule });
    for (const each of all) take(each, { offeredW: offers.get(each) ?? 0, interval, hours });
  }
  return all.map(({ vehicle: { id, wantedWh }, offeredW, leftWh }) => ({
    id,
    offeredW,
    energyWh: wantedWh - leftWh,
    shortfallWh: leftWh,
  }));
}

function isWaiting(
  { vehicle, leftWh, offeredW, starts }: Charging,
  { interval, site }: { interval: number; site: SchedulingSite },
): boolean {
  if (leftWh <= 0 || interval < vehicle.from || interval >= vehicle.until) return false;
  const isOn = (offeredW[interval - 1] ?? 0) > 0;
  const hourAgo = interval - SECONDS_PER_HOUR / site.intervalSeconds;
  return isOn || starts.filter((start) => start > hourAgo).length < site.mostStartsAnHour;
}

function compareLaxity(
  one: Charging,
  other: Charging,
  at: { readonly interval: number; readonly hours: number },
): number {
  const difference = laxity(one, at) - laxity(other, at);
  if (difference !== 0) return difference;
  return one.vehicle.id < other.vehicle.id ? -1 : 1;
}

/** Hours that a vehicle could still wait. */
function laxity(
  { vehicle, leftWh }: Charging,
  { interval, hours }: { interval: number; hours: number },
): number {
  return (vehicle.until - interval) * hours - leftWh / vehicle.mostW;
}

/** What is left of the station and of each phase, W. */
type Room = { stationW: number; readonly phaseW: number[] };

function offerAll(
  waiting: readonly Charging[],
  {
    interval,
    limitW,
    site,
    rule,
  }: { interval: number; limitW: number; site: SchedulingSite; rule: ScheduleRule },
): Map<Charging, number> {
  const room: Room = { stationW: limitW, phaseW: Array.from({ length: PHASES }, () => site.phaseLimitW) };
  const offers = new Map<Charging, number>();
  for (const each of waiting) {
    const wanted = rule === "leastLaxity" ? usefulW(each, site) : each.vehicle.leastW;
    const offeredW = Math.min(wanted, roomFor(each, room));
    if (offeredW < each.vehicle.leastW) continue;
    offers.set(each, offeredW);
    takeRoom(room, each, offeredW);
  }
  if (rule === "proportional") raiseAll(offers, { room, interval, site });
  return offers;
}

/** Raises offers in proportion to need until nothing more can be: each time until one of them, or a limit, is full. */
function raiseAll(
  offers: Map<Charging, number>,
  { room, interval, site }: { room: Room; interval: number; site: SchedulingSite },
): void {
  const open = new Set(offers.keys());
  while (open.size > 0) {
    const needs = [...open].map((each) => ({ each, need: each.leftWh / (each.vehicle.until - interval) }));
    const total = needs.reduce((sum, { need }) => sum + need, 0);
    const stationW = room.stationW;
    for (const { each, need } of needs) {
      const offeredW = offers.get(each) ?? 0;
      const share = Math.floor((stationW * need) / total);
      const raise = Math.max(0, Math.min(share, usefulW(each, site) - offeredW, roomFor(each, room)));
      // Who got less than its share is full; less than a watt for each ends it too.
      if (raise < share || raise === 0) open.delete(each);
      offers.set(each, offeredW + raise);
      takeRoom(room, each, raise);
    }
  }
}

/** The most that a vehicle has use for in an interval, W: it stops by itself when it has what it wants. */
function usefulW({ vehicle, leftWh }: Charging, { intervalSeconds }: SchedulingSite): number {
  const neededW = Math.ceil((leftWh * SECONDS_PER_HOUR) / intervalSeconds);
  return Math.min(vehicle.mostW, Math.max(vehicle.leastW, neededW));
}

function roomFor({ vehicle: { phases } }: Charging, { stationW, phaseW }: Room): number {
  const phaseRoom = Math.min(...phases.map((phase) => phaseW[phase] ?? 0));
  return Math.max(0, Math.min(stationW, Math.floor(phaseRoom * phases.length)));
}

function takeRoom(room: Room, { vehicle: { phases } }: Charging, powerW: number): void {
  room.stationW -= powerW;
  for (const phase of phases) room.phaseW[phase] = (room.phaseW[phase] ?? 0) - powerW / phases.length;
}

function take(
  each: Charging,
  { offeredW, interval, hours }: { offeredW: number; interval: number; hours: number },
): void {
  if (offeredW > 0 && (each.offeredW[interval - 1] ?? 0) === 0) each.starts.push(interval);
  each.offeredW.push(offeredW);
  each.leftWh = Math.max(0, each.leftWh - offeredW * hours);
}
