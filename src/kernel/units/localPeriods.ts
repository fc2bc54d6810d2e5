import { DomainError } from "./domainError.ts";
import type { LocalClock } from "./localClock.ts";
import { dayStart, localDay } from "./localDay.ts";
import { monthAt } from "./localMonth.ts";

const SECONDS_PER_HOUR = 3_600;
const MILLIS_PER_SECOND = 1_000;

export type PeriodLength = "hour" | "day" | "month";

/** The instant at which the hour, day or month of a wall clock begins that holds an instant. */
export function periodStart(clock: LocalClock, unixSeconds: number, of: PeriodLength): number {
  if (of === "hour") return unixSeconds - secondsIntoHour(clock, unixSeconds);
  return of === "day" ? localDay(clock, unixSeconds).from : monthStart(clock, unixSeconds, 0);
}

/** The instant after that hour, day or month. */
export function periodEnd(clock: LocalClock, unixSeconds: number, of: PeriodLength): number {
  if (of === "hour") return unixSeconds - secondsIntoHour(clock, unixSeconds) + SECONDS_PER_HOUR;
  return of === "day" ? localDay(clock, unixSeconds).to : monthStart(clock, unixSeconds, 1);
}

/**
 * Where the hours, days or months of `[from, to)` begin; the first at `from`, which may lie within one.
 *
 * @throws TooManyPeriodsError when there are more than `most`
 */
export function periodStarts(
  clock: LocalClock,
  { from, to, of, most }: { from: number; to: number; of: PeriodLength; most: number },
): number[] {
  const starts: number[] = [];
  for (let start = from; start < to; start = periodEnd(clock, start, of)) {
    if (starts.length === most) throw new TooManyPeriodsError(most, of);
    starts.push(start);
  }
  return starts;
}

function secondsIntoHour(clock: LocalClock, unixSeconds: number): number {
  return (unixSeconds + clock.offsetAt(unixSeconds)) % SECONDS_PER_HOUR;
}

function monthStart(clock: LocalClock, unixSeconds: number, later: 0 | 1): number {
  const { year, month } = monthAt(clock, unixSeconds);
  return dayStart(clock, Date.UTC(year, month - 1 + later, 1) / MILLIS_PER_SECOND);
}

export class TooManyPeriodsError extends DomainError {
  readonly code = "tooManyPeriods";

  constructor(most: number, of: PeriodLength | "interval") {
    super(`a list has at most ${most} ${of}s`);
  }
}
