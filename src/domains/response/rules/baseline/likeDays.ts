import { type BaselineInputs, dayNumber, type MeteredDay, slotsPerDay } from "./baselineInputs.ts";
import type { BaselineMethod } from "./baselineMethod.ts";

const DAYS_PER_WEEK = 7;
/** 1970-01-01 was a Thursday; Sunday is 0. */
const WEEKDAY_OF_FIRST = 4;

/** Why a day is not used. */
export type Skipped = {
  readonly date: string;
  readonly reason: "event" | "missingReading" | "clockChange" | "missingTemperature";
};

/** Why there is no baseline: `sentence` names the day. */
export type BaselineRefusal = {
  readonly status: "refused";
  readonly reason: "holiday" | "tooFewDays" | "missingReading" | "missingTemperature" | "otherCommitment";
  readonly sentence: string;
  readonly skipped: readonly Skipped[];
};

export type FoundDays = {
  readonly status: "found";
  /** The latest first. */
  readonly days: readonly MeteredDay[];
  readonly skipped: readonly Skipped[];
};

/** Intervals of the day in which each used day needs a reading: half-open spans. */
type Needs = readonly (readonly [from: number, until: number])[];

/**
 * The last like days (R8.38, AMB-20): working days for a working day, Saturdays and Sundays for one of these; no holiday, no day with an event.
 * A day with a missing reading where it counts, or with a clock change, is passed over for an older one. What is older
 * than the look-back does not count, and too few days are a refusal that names the event's day. A holiday has no like days.
 */
export function findLikeDays(
  inputs: BaselineInputs,
  method: BaselineMethod,
  needs: Needs,
): FoundDays | BaselineRefusal {
  const { date, days, holidays } = inputs;
  if (holidays.includes(date))
    return refuseBaseline("holiday", `${date} is a holiday, which has no like days`);
  const oldest = dayNumber(date) - method.lookBackDays;
  const used: MeteredDay[] = [];
  const skipped: Skipped[] = [];
  for (const day of days.toReversed()) {
    if (used.length === method.days || dayNumber(day.date) < oldest) break;
    if (isWeekend(day.date) !== isWeekend(date) || holidays.includes(day.date)) continue;
    const reason = whyNot(day, inputs, method, needs);
    if (reason === null) used.push(day);
    else skipped.push({ date: day.date, reason });
  }
  if (used.length === method.days) return { status: "found", days: used, skipped };
  const kind = isWeekend(date) ? "days of weekends" : "working days";
  return refuseBaseline(
    "tooFewDays",
    `${date}: ${used.length} ${kind} with all readings and no event in ${method.lookBackDays} days before; ${method.days} are needed`,
    skipped,
  );
}

export function refuseBaseline(
  reason: BaselineRefusal["reason"],
  sentence: string,
  skipped: readonly Skipped[] = [],
): BaselineRefusal {
  return { status: "refused", reason, sentence, skipped };
}

/** Whether a local date is a Saturday or a Sunday. */
export function isWeekend(date: string): boolean {
  const weekday = (dayNumber(date) + WEEKDAY_OF_FIRST) % DAYS_PER_WEEK;
  return weekday === 0 || weekday === DAYS_PER_WEEK - 1;
}

function whyNot(
  { energyWh, temperatureC, hasEvent }: MeteredDay,
  inputs: BaselineInputs,
  { name }: BaselineMethod,
  needs: Needs,
): Skipped["reason"] | null {
  if (hasEvent) return "event";
  if (energyWh.length !== slotsPerDay(inputs)) return "clockChange";
  if (needs.some(([from, until]) => energyWh.slice(from, until).includes(null))) return "missingReading";
  if (name === "temperatureRegression" && temperatureC?.length !== energyWh.length)
    return "missingTemperature";
  return null;
}
