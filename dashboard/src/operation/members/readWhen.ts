import { createLocalClock } from "#kernel/units/localClock.ts";
import { dateAt, type LocalDate, readDate } from "../../billing/span.ts";

/** A time as somebody wrote it: the date in the area's zone, and the second where a time of day was said. */
export type When = { readonly date: LocalDate; readonly at: number | null; readonly span: "day" | "month" };

type Context = { readonly now: number; readonly timeZone: string };

const MILLIS_PER_SECOND = 1_000;
const SECONDS_PER_DAY = 86_400;
const DAYS_PER_WEEK = 7;

/**
 * Reads a date or a time in words that people type: "16 May 2025 21:00", "May 16, 9pm", "yesterday 9pm", "monday",
 * "16.5.2025", "2025-05-16T21:00+02:00", "May 2025". Without a year it is the last such date; without a date, today. Null
 * where it is none.
 */
export function readWhen(text: string, context: Context): When | null {
  const absolute = readInstant(text.trim(), context);
  if (absolute) return absolute;
  const words = text
    .toLowerCase()
    .replace(/(\d)t(\d)/, "$1 $2")
    .replace(/[,]|\b(at|on|the|of|in|around|about|o['’]clock)\b/g, " ")
    .replace(/(\d)(st|nd|rd|th)\b/g, "$1")
    .replace(/(\d)\s+(am|pm)\b/g, "$1$2")
    .trim();
  const time = readTime(words);
  const rest = words
    .replace(time?.text ?? "", " ")
    .replace(/\s+/g, " ")
    .trim();
  const day = rest === "" && time ? dateAt(context.now, context.timeZone) : readDay(rest, context);
  if (day) return { date: day, at: time ? secondOf(day, time.seconds, context.timeZone) : null, span: "day" };
  const month = time ? null : readMonth(rest);
  return month ? { date: month, at: null, span: "month" } : null;
}

/** A moment with its own offset, or "now". */
function readInstant(text: string, { now, timeZone }: Context): When | null {
  const isNow = text.toLowerCase() === "now";
  if (!isNow && !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)$/i.test(text)) return null;
  const at = isNow ? now : Date.parse(text.replace(" ", "T")) / MILLIS_PER_SECOND;
  return Number.isNaN(at) ? null : { date: dateAt(at, timeZone), at, span: "day" };
}

/** 21:00, 21.00 h, 9pm, 9:30 pm, noon, midnight: as seconds of the day, with the words that said so. */
function readTime(words: string): { readonly seconds: number; readonly text: string } | null {
  const named = /\b(noon|midnight)\b/.exec(words);
  if (named) return { seconds: named[1] === "noon" ? SECONDS_PER_DAY / 2 : 0, text: named[0] };
  const found =
    /\b(\d{1,2})(?::(\d\d))?(?::\d\d)?(am|pm)\b/.exec(words) ??
    /\b(\d{1,2}):(\d\d)(?::\d\d)?(?:\s*h)?\b/.exec(words) ??
    /\b(\d{1,2})(?:\.(\d\d))?\s*h\b/.exec(words);
  if (!found) return null;
  const [text, hours = "", minutes = "0", half] = found;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half === "pm" ? 12 : 0);
  if (hour > 23 || Number(minutes) > 59 || (half !== undefined && Number(hours) > 12)) return null;
  return { seconds: hour * 3_600 + Number(minutes) * 60, text };
}

function readDay(words: string, { now, timeZone }: Context): LocalDate | null {
  const today = dateAt(now, timeZone);
  if (words === "today") return today;
  if (words === "yesterday") return daysBefore(today, 1);
  const weekday = WEEKDAYS.findIndex(
    (name) => words.replace(/^last /, "") === name || words === name.slice(0, 3),
  );
  if (weekday >= 0) {
    const since = (weekdayOf(today) - weekday + DAYS_PER_WEEK) % DAYS_PER_WEEK;
    return daysBefore(today, since === 0 ? DAYS_PER_WEEK : since);
  }
  if (/^\d{4}-\d\d-\d\d$/.test(words)) return readDate(words);
  const bare = words.replace(
    new RegExp(`^(${WEEKDAYS.map((name) => `${name}|${name.slice(0, 3)}`).join("|")}) `),
    "",
  );
  const [, day, month, year] =
    /^(\d{1,2})[./ ]+([a-z]+|\d{1,2})(?:[./ ]+(\d{4}))?\.?$/.exec(bare) ?? swapped(bare) ?? [];
  const number = monthOf(month);
  if (day === undefined || number === null) return null;
  return year === undefined ? latestOf(number, day, today) : dateOf(year, number, day);
}

/** May 16 2025 */
function swapped(words: string): [string, string, string, string | undefined] | null {
  const found = /^([a-z]+) (\d{1,2})(?: (\d{4}))?$/.exec(words);
  return found ? [words, found[2] ?? "", found[1] ?? "", found[3]] : null;
}

/** May 2025, 2025-05 */
function readMonth(words: string): LocalDate | null {
  const [, year, number] = /^(\d{4})-(\d\d)$/.exec(words) ?? [];
  if (year !== undefined && number !== undefined) return dateOf(year, Number(number), "1");
  const [, name, named] = /^([a-z]+) (\d{4})$/.exec(words) ?? [];
  const month = monthOf(name);
  return month !== null && named !== undefined ? dateOf(named, month, "1") : null;
}

function latestOf(month: number, day: string, today: LocalDate): LocalDate | null {
  const year = Number(today.slice(0, 4));
  const thisYear = dateOf(String(year), month, day);
  return thisYear !== null && thisYear <= today ? thisYear : dateOf(String(year - 1), month, day);
}

function monthOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d+$/.test(text)) return Number(text);
  const index =
    text.length < 3
      ? -1
      : MONTHS.findIndex((name) => name.startsWith(text) || text === `${name.slice(0, 3)}t`);
  return index < 0 ? null : index + 1;
}

function dateOf(year: string, month: number, day: string): LocalDate | null {
  return readDate(`${year}-${String(month).padStart(2, "0")}-${day.padStart(2, "0")}`);
}

function daysBefore(date: LocalDate, days: number): LocalDate {
  const millis = Date.parse(`${date}T00:00:00Z`) - days * SECONDS_PER_DAY * MILLIS_PER_SECOND;
  return new Date(millis).toISOString().slice(0, 10);
}

function weekdayOf(date: LocalDate): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

/** The second at which a clock on the wall shows this; of a time that comes twice, the first. */
function secondOf(date: LocalDate, seconds: number, timeZone: string): number {
  const wall = Date.parse(`${date}T00:00:00Z`) / MILLIS_PER_SECOND + seconds;
  const clock = createLocalClock(timeZone);
  const earlier = wall - clock.offsetAt(wall - SECONDS_PER_DAY);
  return earlier + clock.offsetAt(earlier) === wall ? earlier : wall - clock.offsetAt(wall);
}

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
