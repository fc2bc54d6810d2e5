import type { LocalClock } from "./localClock.ts";
import { localDay } from "./localDay.ts";

/** A month of a calendar, 1 for January. */
export type CalendarMonth = { readonly year: number; readonly month: number };

/** Days of a wall clock's month, each `[from, to)` in unix seconds, without a gap. */
export function daysOfMonth(
  clock: LocalClock,
  { year, month }: CalendarMonth,
): { from: number; to: number }[] {
  const count = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const noon = Date.UTC(year, month - 1, 1, NOON_HOUR) / MILLIS_PER_SECOND;
  const days = [localDay(clock, noon - clock.offsetAt(noon))];
  while (days.length < count) days.push(localDay(clock, days.at(-1)?.to ?? noon));
  return days;
}

/** The month that a wall clock shows at an instant. */
export function monthAt(clock: LocalClock, unixSeconds: number): CalendarMonth {
  const local = new Date((unixSeconds + clock.offsetAt(unixSeconds)) * MILLIS_PER_SECOND);
  return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1 };
}

/** No zone is more than a day from UTC, and noon is skipped nowhere. */
const NOON_HOUR = 12;
const MILLIS_PER_SECOND = 1_000;
