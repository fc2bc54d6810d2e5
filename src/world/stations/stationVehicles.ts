import { offerNext, type ScheduleBy } from "#domains/charging/schedule/scheduleVehicles.ts";
import type { SchedulingSite, WaitingVehicle } from "#domains/charging/schedule/waitingVehicle.ts";
import { endsAt, type IntervalId, startsAt } from "#kernel/units/interval.ts";
import type { Station } from "./depotScenario.ts";
import { FULL_WH } from "./powerWishes.ts";
import type { Visit, Visits } from "./vehicles.ts";

/** How a station parts its power among vehicles. */
export type Scheduling = { readonly by: ScheduleBy; readonly mostStartsAnHour: number };

/**
 * A vehicle's charge.
 *
 * @property leftWh what it lacks still
 * @property charged whether it charged in each interval of its stay so far, an hour and one of them, the latest last
 */
export type Charge = {
  readonly visit: Visit;
  readonly leftWh: number;
  readonly charged: readonly boolean[];
};

/** Charges of those whom a station knows, by the visit's id. */
export type Charges = ReadonlyMap<string, Charge>;

export type Place = {
  readonly station: Pick<Station, "connectionW">;
  readonly intervalSeconds: number;
  readonly visits: Visits;
  readonly scheduling: Scheduling;
};

const PHASES = 3;
const SECONDS_PER_HOUR = 3_600;

type Span = { readonly intervalId: IntervalId; readonly quotaW: number };

/** Charges the vehicles of a station over an interval, as planned; gives the charges of those who were there. */
export function chargeInterval(place: Place, before: Charges, span: Span): Charges {
  const { there, planned, offeredW } = planInterval(place, before, span);
  const offers = new Map(planned.map((charge, i) => [charge, offeredW[i] ?? 0]));
  return new Map(
    there.map((charge) => [charge.visit.id, take(charge, offers.get(charge) ?? 0, place.intervalSeconds)]),
  );
}

/**
 * What each vehicle is offered in an interval: the schedule has the rest of all stays in view, of those too that are announced, and
 * reckons with this interval's quota for all of it, since later ones are not set yet (R4.3).
 */
export function planInterval(place: Place, before: Charges, { intervalId, quotaW }: Span) {
  const { intervalSeconds, scheduling } = place;
  const [begins, ends] = [startsAt(intervalId, intervalSeconds), endsAt(intervalId, intervalSeconds)];
  const there = chargesOf(place.visits(begins, ends), before);
  const leaves = Math.max(ends, ...there.map(({ visit }) => visit.leavesAt));
  const announced = place
    .visits(ends, leaves)
    .filter(({ isAnnounced, arrivesAt }) => isAnnounced && arrivesAt >= ends);
  const known = [...there, ...chargesOf(announced, before)].flatMap((charge) => {
    const vehicle = waitingVehicle(charge, intervalId, intervalSeconds);
    return vehicle ? [{ charge, vehicle }] : [];
  });
  const vehicles = known.map(({ vehicle }) => vehicle);
  const site = siteOf(place, quotaW, vehicles);
  const offeredW = offerNext(vehicles, { site, ...scheduling.by });
  return { there, planned: known.map(({ charge }) => charge), site, vehicles, offeredW };
}

/** What a visit lacks at the beginning is all that it wants. */
function chargesOf(visits: readonly Visit[], before: Charges): Charge[] {
  return visits.map((visit) => before.get(visit.id) ?? { visit, leftWh: visit.wantedWh, charged: [] });
}

/** It stops by itself when it has what it wants. */
function take({ visit, leftWh, charged }: Charge, offeredW: number, intervalSeconds: number): Charge {
  const takenWh = Math.min(leftWh, (offeredW * intervalSeconds) / SECONDS_PER_HOUR);
  const remembered = 1 + Math.ceil(SECONDS_PER_HOUR / intervalSeconds);
  return {
    visit,
    leftWh: leftWh - takenWh,
    charged: [...charged, offeredW > 0].slice(-remembered),
  };
}

/** A vehicle with intervals counted from `first`: those through which it is there from beginning to end; null of one without. */
function waitingVehicle(
  { visit, leftWh, charged }: Charge,
  first: IntervalId,
  intervalSeconds: number,
): WaitingVehicle | null {
  const from = Math.max(0, Math.ceil(visit.arrivesAt / intervalSeconds) - first);
  const until = Math.floor(visit.leavesAt / intervalSeconds) - first;
  if (until <= from || leftWh < FULL_WH) return null;
  const { id, mostW, leastW, phases } = visit;
  return { id, from, until, wantedWh: leftWh, mostW, leastW, phases, chargedBefore: charged };
}

function siteOf(
  { station, scheduling, intervalSeconds }: Place,
  quotaW: number,
  vehicles: readonly WaitingVehicle[],
): SchedulingSite {
  const intervals = Math.max(1, ...vehicles.map(({ until }) => until));
  const limitW = Math.min(quotaW, station.connectionW);
  return {
    limitW: Array.from({ length: intervals }, () => limitW),
    phaseLimitW: station.connectionW / PHASES,
    intervalSeconds,
    mostStartsAnHour: scheduling.mostStartsAnHour,
    // Whatever comes later may not come at all: energy is dearer, the later.
    priceMicroPerKwh: Array.from({ length: intervals }, (_, i) => intervals + i),
  };
}
