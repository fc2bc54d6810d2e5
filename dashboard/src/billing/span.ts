import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import { dayStart } from "#kernel/units/localDay.ts";

/** How much time a reader looks at. */
export const SPANS = ["day", "week", "month", "year"] as const;
export type Span = (typeof SPANS)[number];

/** A date of a calendar without zone: YYYY-MM-DD. */
export type LocalDate = string;

/** A span of whole days, half-open, with its neighbours of the same length. */
export type LocalSpan = {
  readonly span: Span;
  readonly firstDate: LocalDate;
  /** The first date after it. */
  readonly endDate: LocalDate;
  readonly previousDate: LocalDate;
};

const SECONDS_PER_DAY = 86_400;
const MILLIS_PER_SECOND = 1_000;
const DAYS_PER_WEEK = 7;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

export function isSpan(text: string | undefined): text is Span {
  return SPANS.some((span) => span === text);
}

/** The text when it is a date of the calendar, else null. */
export function readDate(text: string | undefined): LocalDate | null {
  if (text === undefined || !DATE.test(text)) return null;
  const millis = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(millis) && dateOf(millis) === text ? text : null;
}

/** The day, week (from Monday), month or year that holds a date. */
export function spanAround(span: Span, date: LocalDate): LocalSpan {
  const firstDate = firstOf(span, date);
  return { span, firstDate, endDate: moved(span, firstDate, 1), previousDate: moved(span, firstDate, -1) };
}

/** The date that a clock on the wall of `timeZone` shows. */
export function dateAt(unixSeconds: number, timeZone: string): LocalDate {
  return dateOf((unixSeconds + clockOf(timeZone).offsetAt(unixSeconds)) * MILLIS_PER_SECOND);
}

/** The second at which a date begins in `timeZone`; nothing was metered before 1970, with which seconds begin. */
export function startOfDate(date: LocalDate, timeZone: string): number {
  return Math.max(0, dayStart(clockOf(timeZone), Date.parse(`${date}T00:00:00Z`) / MILLIS_PER_SECOND));
}

/** The days from the first to before the end, as seconds at which they begin. */
export function dayStarts({ firstDate, endDate }: LocalSpan, timeZone: string): number[] {
  const starts: number[] = [];
  for (let date = firstDate; date < endDate; date = moved("day", date, 1))
    starts.push(startOfDate(date, timeZone));
  return starts;
}

/** The first dates of the months that a span has days of. */
export function monthsOf({ firstDate, endDate }: LocalSpan): LocalDate[] {
  const months: LocalDate[] = [];
  for (let month = firstOf("month", firstDate); month < endDate; month = moved("month", month, 1))
    months.push(month);
  return months;
}

function firstOf(span: Span, date: LocalDate): LocalDate {
  if (span === "day") return date;
  if (span === "month") return `${date.slice(0, 8)}01`;
  if (span === "year") return `${date.slice(0, 5)}01-01`;
  const day = new Date(`${date}T00:00:00Z`);
  const sinceMonday = (day.getUTCDay() + DAYS_PER_WEEK - 1) % DAYS_PER_WEEK;
  return dateOf(day.getTime() - sinceMonday * SECONDS_PER_DAY * MILLIS_PER_SECOND);
}

function moved(span: Span, date: LocalDate, steps: number): LocalDate {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  if (span === "year") return dateOf(Date.UTC(year + steps, month - 1, day));
  if (span === "month") return dateOf(Date.UTC(year, month - 1 + steps, day));
  return dateOf(Date.UTC(year, month - 1, day + steps * (span === "week" ? DAYS_PER_WEEK : 1)));
}

function dateOf(millis: number): LocalDate {
  return new Date(millis).toISOString().slice(0, 10);
}

/** A clock takes far longer to make than to use. */
const clocks = new Map<string, LocalClock>();

function clockOf(timeZone: string): LocalClock {
  const known = clocks.get(timeZone) ?? createLocalClock(timeZone);
  clocks.set(timeZone, known);
  return known;
}
