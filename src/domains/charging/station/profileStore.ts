import { VOLTAGE_V } from "./vehicle.ts";

/** The part of a charging profile that both versions of the protocol share. */
export type StoredProfile = {
  readonly id: number;
  readonly stackLevel: number;
  readonly purpose: string;
  readonly kind: string;
  /** Unix seconds; null where it always is valid. */
  readonly validFrom: number | null;
  readonly validTo: number | null;
  readonly startsAt: number;
  /** Seconds; null without an end. */
  readonly duration: number | null;
  readonly unit: "W" | "A";
  readonly periods: readonly { readonly startPeriod: number; readonly limit: number }[];
};

type Schedule = {
  startSchedule?: string;
  duration?: number;
  chargingRateUnit: "W" | "A";
  chargingSchedulePeriod: { startPeriod: number; limit: number }[];
};
type Shared = {
  stackLevel: number;
  chargingProfilePurpose: string;
  chargingProfileKind: string;
  validFrom?: string;
  validTo?: string;
};
type V16 = { csChargingProfiles: Shared & { chargingProfileId: number; chargingSchedule: Schedule } };
type V201 = { chargingProfile: Shared & { id: number; chargingSchedule: Schedule[] } };

const STATION_PURPOSES = new Set(["ChargePointMaxProfile", "ChargingStationMaxProfile"]);
const MILLIS_PER_SECOND = 1_000;
const PHASES = 3;

/** A profile of the whole station with absolute times; null for any other, which the simulated station rejects. */
export function readProfile(request: object): StoredProfile | null {
  const { csChargingProfiles: v16, chargingProfile: v201 } = request as Partial<V16> & Partial<V201>;
  const profile = v16 ?? v201;
  const schedule = v16?.chargingSchedule ?? v201?.chargingSchedule[0];
  const id = v16?.chargingProfileId ?? v201?.id;
  if (profile === undefined || schedule === undefined || id === undefined) return null;
  if (!STATION_PURPOSES.has(profile.chargingProfilePurpose)) return null;
  if (profile.chargingProfileKind !== "Absolute" || schedule.startSchedule === undefined) return null;
  return {
    id,
    stackLevel: profile.stackLevel,
    purpose: profile.chargingProfilePurpose,
    kind: profile.chargingProfileKind,
    validFrom: secondsOf(profile.validFrom),
    validTo: secondsOf(profile.validTo),
    startsAt: secondsOf(schedule.startSchedule) ?? 0,
    duration: schedule.duration ?? null,
    unit: schedule.chargingRateUnit,
    periods: schedule.chargingSchedulePeriod,
  };
}

/** The profiles with one more, which takes the place of that with its number or on its level. */
export function storeProfile(profiles: readonly StoredProfile[], added: StoredProfile): StoredProfile[] {
  const others = profiles.filter(({ id, stackLevel }) => id !== added.id && stackLevel !== added.stackLevel);
  return [...others, added];
}

/** What the station may draw at a time, W: what the highest level says that says anything; its rating when none does. */
export function profileLimitW(profiles: readonly StoredProfile[], at: number, ratedW: number): number {
  const byLevel = [...profiles].sort((one, other) => other.stackLevel - one.stackLevel);
  for (const profile of byLevel) {
    const limitW = limitOf(profile, at);
    if (limitW !== null) return Math.min(limitW, ratedW);
  }
  return ratedW;
}

function limitOf(profile: StoredProfile, at: number): number | null {
  const { validFrom, validTo, startsAt, duration, unit, periods } = profile;
  if (at < (validFrom ?? at) || at >= (validTo ?? at + 1)) return null;
  const elapsed = at - startsAt;
  if (elapsed < 0 || (duration !== null && elapsed >= duration)) return null;
  const period = periods.filter(({ startPeriod }) => startPeriod <= elapsed).at(-1);
  if (period === undefined) return null;
  return unit === "W" ? period.limit : period.limit * VOLTAGE_V * PHASES;
}

function secondsOf(text: string | undefined): number | null {
  return text === undefined ? null : Date.parse(text) / MILLIS_PER_SECOND;
}
