import { DURATION } from "../model/scalars.ts";

const MILLIS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
const DAYS_PER_WEEK = 7;
/** From this many years on a duration has no end (OpenADR 3.1, intervalPeriod: P9999Y). */
const ENDLESS_YEARS = 9_999;

/**
 * The time a duration by ISO 8601 after another, ms of the unix epoch; infinite for one without an end. Years and months go by the
 * calendar in UTC.
 */
export function timeAfter(millis: number, duration: string): number {
  const parts = DURATION.exec(duration);
  if (parts === null) return millis;
  const [sign, years, months, daysOrWeeks, unit, hours, minutes, seconds] = parts.slice(1);
  const direction = sign === "-" ? -1 : 1;
  const amount = (text: string | undefined) => direction * Number(text ?? 0);
  if (Number(years ?? 0) >= ENDLESS_YEARS) return direction * Number.POSITIVE_INFINITY;
  const date = new Date(millis);
  date.setUTCMonth(date.getUTCMonth() + amount(years) * 12 + amount(months));
  date.setUTCDate(date.getUTCDate() + amount(daysOrWeeks) * (unit === "W" ? DAYS_PER_WEEK : 1));
  const time = amount(hours) * SECONDS_PER_HOUR + amount(minutes) * SECONDS_PER_MINUTE + amount(seconds);
  const end = date.getTime() + time * MILLIS_PER_SECOND;
  return Number.isNaN(end) ? direction * Number.POSITIVE_INFINITY : end;
}
