import { isoTime } from "./isoTime.ts";
import type { OcppVersion } from "./version.ts";

/** Consecutive limits on what a whole station draws. */
export type PowerLimit = {
  /** Unix seconds. */
  readonly from: number;
  readonly periods: readonly LimitPeriod[];
};

export type LimitPeriod = {
  readonly seconds: number;
  /** W, at least 0. */
  readonly limitW: number;
};

/** The profile of periods, and below it the one that stands when there is none. */
const PERIODS = { id: 2, stackLevel: 1 };
const SAFE = { id: 1, stackLevel: 0 };
/** A station is told of two days in half-hours at most; many take no longer schedule. */
export const MOST_PERIODS = 96;

/** The second after the last period, unix seconds. */
export function limitEndsAt({ from, periods }: PowerLimit): number {
  return periods.reduce((at, { seconds }) => at + seconds, from);
}

/** What a limit allows at a time, W; null outside of it. */
export function limitAt({ from, periods }: PowerLimit, at: number): number | null {
  let end = from;
  if (at < from) return null;
  for (const { seconds, limitW } of periods) {
    end += seconds;
    if (at < end) return limitW;
  }
  return null;
}

/**
 * `SetChargingProfile` that lays limits on the whole station. It is valid in its own time alone: when the central system goes
 * away, the station falls back to its safe limit by itself.
 */
export function periodsRequest(limit: PowerLimit, version: OcppVersion): object {
  let start = 0;
  const periods = limit.periods.map(({ seconds, limitW }) => {
    const period = { startPeriod: start, limit: limitW };
    start += seconds;
    return period;
  });
  const [from, to] = [isoTime(limit.from), isoTime(limitEndsAt(limit))];
  const schedule = {
    startSchedule: from,
    duration: start,
    chargingRateUnit: "W",
    chargingSchedulePeriod: periods,
  };
  return profileRequest({ ...PERIODS, validity: { validFrom: from, validTo: to }, schedule }, version);
}

/** `SetChargingProfile` with the limit that holds whenever no other does, without an end. */
export function safeRequest(safeLimitW: number, version: OcppVersion): object {
  const schedule = {
    // A time that every clock has behind it; an absolute profile needs one.
    startSchedule: isoTime(0),
    chargingRateUnit: "W",
    chargingSchedulePeriod: [{ startPeriod: 0, limit: safeLimitW }],
  };
  return profileRequest({ ...SAFE, validity: {}, schedule }, version);
}

/** `ClearChargingProfile` of the limits of periods; the safe limit stays. */
export function clearRequest(version: OcppVersion): object {
  return version === "ocpp1.6" ? { id: PERIODS.id } : { chargingProfileId: PERIODS.id };
}

function profileRequest(
  {
    id,
    stackLevel,
    validity,
    schedule,
  }: { id: number; stackLevel: number; validity: object; schedule: object },
  version: OcppVersion,
): object {
  const shared = { stackLevel, chargingProfileKind: "Absolute", ...validity };
  if (version === "ocpp1.6")
    return {
      connectorId: 0,
      csChargingProfiles: {
        chargingProfileId: id,
        chargingProfilePurpose: "ChargePointMaxProfile",
        ...shared,
        chargingSchedule: schedule,
      },
    };
  return {
    evseId: 0,
    chargingProfile: {
      id,
      chargingProfilePurpose: "ChargingStationMaxProfile",
      ...shared,
      chargingSchedule: [{ id, ...schedule }],
    },
  };
}
