import type { LocalClock } from "#kernel/units/localClock.ts";

const MILLIS_PER_SECOND = 1_000;
/** Seconds that the calendar holds; an interval's number may lie beyond: the chain takes any of 32 bits. */
const LAST_SECOND = 8_640_000_000_000;

/** A time on the wall of a zone, for a sentence: 18:45. */
export function clockText(unixSeconds: number, timeZone: string): string {
  return textOf(unixSeconds, { timeZone, hour: "2-digit", minute: "2-digit" });
}

/** Mon 12 May */
export function dayText(unixSeconds: number, timeZone: string): string {
  return textOf(unixSeconds, { timeZone, weekday: "short", day: "numeric", month: "short" });
}

/** May 2025 */
export function monthText(unixSeconds: number, timeZone: string): string {
  return textOf(unixSeconds, { timeZone, month: "long", year: "numeric" });
}

/** 2025-05 */
export function monthNumberText(unixSeconds: number, timeZone: string): string {
  const month = textOf(unixSeconds, { timeZone, month: "2-digit" });
  return `${textOf(unixSeconds, { timeZone, year: "numeric" })}-${month}`;
}

/** 12 May 2025, 18:45 */
export function dateTimeText(unixSeconds: number, timeZone: string): string {
  return textOf(unixSeconds, { timeZone, dateStyle: "medium", timeStyle: "short" });
}

/** By ISO 8601, with the offset that the zone has then: 2025-05-12T18:45:00+02:00 */
export function localIsoText(unixSeconds: number, clock: LocalClock): string {
  if (Math.abs(unixSeconds) > LAST_SECOND) return beyond(unixSeconds);
  const offsetSeconds = clock.offsetAt(unixSeconds);
  const minutes = Math.floor(Math.abs(offsetSeconds) / SECONDS_PER_MINUTE);
  const parts = [Math.floor(minutes / MINUTES_PER_HOUR), minutes % MINUTES_PER_HOUR];
  const offset = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return `${isoText(unixSeconds + offsetSeconds).slice(0, -1)}${offsetSeconds < 0 ? "-" : "+"}${offset}`;
}

/** By ISO 8601 in UTC: 2025-05-12T16:45:00Z */
export function utcIsoText(unixSeconds: number): string {
  return Math.abs(unixSeconds) > LAST_SECOND ? beyond(unixSeconds) : isoText(unixSeconds);
}

const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;

function isoText(unixSeconds: number): string {
  return new Date(unixSeconds * MILLIS_PER_SECOND).toISOString().replace(".000", "");
}

function textOf(unixSeconds: number, options: Intl.DateTimeFormatOptions): string {
  if (Math.abs(unixSeconds) > LAST_SECOND) return beyond(unixSeconds);
  return formatOf(options).format(unixSeconds * MILLIS_PER_SECOND);
}

/** A format takes far longer to make than to use. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.DateTimeFormat("en-GB", options);
  formats.set(key, format);
  return format;
}

function beyond(unixSeconds: number): string {
  return `second ${unixSeconds}`;
}
