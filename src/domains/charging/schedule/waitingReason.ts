import { beginCharging, mayCharge } from "./charging.ts";
import type { StationNow } from "./stationNow.ts";
import type { SchedulingSite, WaitingVehicle } from "./waitingVehicle.ts";

/**
 * Why a vehicle that is there does not charge.
 *
 * - `noQuota`: the station may draw nothing
 * - `belowLeast`: what the station may draw is less than its least current
 * - `tooManyStarts`: it began to charge as often within the hour as it may
 * - `lessSlack`: others who can wait less long have the power, and leave less than its least current
 * - `othersGoOn`: others have it who could wait, so that they do not pause and start again
 * - `price`: there is power, and energy is cheaper before it leaves
 * - `later`: there is power, and its promise is kept without it
 */
export const WAITING_KINDS = [
  "noQuota",
  "belowLeast",
  "tooManyStarts",
  "lessSlack",
  "othersGoOn",
  "price",
  "later",
] as const;

/**
 * @property freeW what the others leave of the station's and the phases' limits for it
 * @property slackSeconds how long it can still wait; below 0 it will lack
 * @property ahead vehicles that charge and can wait less long
 */
export type WaitingReason = {
  readonly id: string;
  readonly kind: (typeof WAITING_KINDS)[number];
  readonly limitW: number;
  readonly freeW: number;
  readonly leastW: number;
  readonly slackSeconds: number;
  readonly ahead: number;
};

const SECONDS_PER_HOUR = 3_600;

/** The reason of each vehicle that wants energy and is offered none in the interval, from what the schedule itself goes by. */
export function waitingReasons({ vehicles, offeredW, site }: StationNow): WaitingReason[] {
  const all = vehicles.map((vehicle, i) => ({ vehicle, offeredW: offeredW[i] ?? 0 }));
  const charging = all.filter((each) => each.offeredW > 0);
  return all
    .filter((each) => each.offeredW === 0 && isHere(each.vehicle))
    .map(({ vehicle }) => {
      const slackSeconds = slackOf(vehicle, site);
      const figures = {
        id: vehicle.id,
        limitW: site.limitW[0] ?? 0,
        freeW: freeFor(vehicle, charging, site),
        leastW: vehicle.leastW,
        slackSeconds,
        ahead: charging.filter((other) => slackOf(other.vehicle, site) < slackSeconds).length,
      };
      return { ...figures, kind: kindOf(vehicle, figures, site) };
    });
}

function kindOf(
  vehicle: WaitingVehicle,
  { limitW, freeW, leastW, ahead }: Omit<WaitingReason, "kind">,
  site: SchedulingSite,
): WaitingReason["kind"] {
  if (limitW === 0) return "noQuota";
  if (limitW < leastW) return "belowLeast";
  if (!mayCharge(beginCharging(vehicle, site), 0, site)) return "tooManyStarts";
  if (freeW < leastW) return ahead > 0 ? "lessSlack" : "othersGoOn";
  const [now = 0, ...rest] = site.priceMicroPerKwh ?? [];
  return rest.slice(0, vehicle.until - 1).some((price) => price < now) ? "price" : "later";
}

function isHere({ from, until, wantedWh }: WaitingVehicle): boolean {
  return from === 0 && until > 0 && wantedWh > 0;
}

/** The time that is left, less that which the rest takes at the vehicle's own limit. */
function slackOf({ until, wantedWh, mostW }: WaitingVehicle, { intervalSeconds }: SchedulingSite): number {
  return Math.floor(until * intervalSeconds - (wantedWh * SECONDS_PER_HOUR) / mostW);
}

/** A vehicle draws evenly from its phases, so that the fullest of them bounds it. */
function freeFor(
  { phases }: WaitingVehicle,
  charging: readonly { readonly vehicle: WaitingVehicle; readonly offeredW: number }[],
  { limitW, phaseLimitW }: SchedulingSite,
): number {
  const drawnW = charging.reduce((sum, { offeredW }) => sum + offeredW, 0);
  const drawnOn = (phase: 0 | 1 | 2) =>
    charging
      .filter(({ vehicle }) => vehicle.phases.includes(phase))
      .reduce((sum, { vehicle, offeredW }) => sum + offeredW / vehicle.phases.length, 0);
  const ofPhases = phases.map((phase) => (phaseLimitW - drawnOn(phase)) * phases.length);
  return Math.max(0, Math.floor(Math.min((limitW[0] ?? 0) - drawnW, ...ofPhases)));
}
