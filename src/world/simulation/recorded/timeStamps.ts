import type { LocalClock } from "#kernel/units/localClock.ts";

const MILLIS_PER_SECOND = 1_000;

/** Numbers above this are milliseconds: as seconds they would lie beyond the year 5138. */
const LARGEST_SECONDS = 1e11;

const UNIX_TIME = /^\d+(\.\d+)?$/;
const ISO_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** A time cell as read: an instant, or a local time that its file's rule still has to place. Seconds. */
export type WrittenTime = { readonly kind: "instant" | "local"; readonly seconds: number };

/** Reads a cell: unix seconds (also 1613343600.0) or milliseconds, or ISO 8601 with or without a zone; else null. */
export function readTime(cell: string): WrittenTime | null {
  if (UNIX_TIME.test(cell)) {
    const value = Number(cell);
    return {
      kind: "instant",
      seconds: Math.round(value > LARGEST_SECONDS ? value / MILLIS_PER_SECOND : value),
    };
  }
  const match = ISO_TIME.exec(cell);
  if (match === null) return null;
  const [, date, time = "00:00", second = "00", zone] = match;
  const seconds = Date.parse(`${date}T${time}:${second}Z`) / MILLIS_PER_SECOND;
  if (Number.isNaN(seconds)) return null;
  return zone === undefined
    ? { kind: "local", seconds }
    : { kind: "instant", seconds: seconds - zoneSeconds(zone) };
}

function zoneSeconds(zone: string): number {
  if (zone.toUpperCase() === "Z") return 0;
  const digits = zone.replace(":", "");
  const size = Number(digits.slice(1, 3)) * 3_600 + Number(digits.slice(3, 5)) * 60;
  return digits.startsWith("-") ? -size : size;
}

/**
 * Places the times of one file on the time line, in the file's order (`docs/recorded-data.md`, "Daylight saving").
 *
 * A file that has values in an hour which the clocks skipped was written in standard time throughout. In any other
 * file a local time of the repeated hour is the earlier instant when it comes first and the later when it comes again.
 */
export function placeTimes(times: readonly WrittenTime[], clock: LocalClock): Float64Array {
  const isStandardTime = times.some(
    ({ kind, seconds }) => kind === "local" && clock.instantsOf(seconds).length === 0,
  );
  const seen = new Set<number>();
  return Float64Array.from(times, ({ kind, seconds }) => {
    if (kind === "instant") return seconds;
    if (isStandardTime) return seconds - clock.standardOffsetAt(seconds);
    const instants = clock.instantsOf(seconds);
    const isAgain = instants.length > 1 && seen.has(seconds);
    if (instants.length > 1) seen.add(seconds);
    return instants[isAgain ? 1 : 0] as number;
  });
}
