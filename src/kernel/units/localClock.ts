import { DomainError } from "./domainError.ts";

const SECONDS_PER_QUARTER = 900;
const SECONDS_PER_DAY = 86_400;
const MILLIS_PER_SECOND = 1_000;

/** Wall-clock time of a time zone, its rules of daylight saving included. */
export type LocalClock = {
  /** Seconds that local time is ahead of UTC at an instant. */
  offsetAt(unixSeconds: number): number;
  /**
   * The instants (unix seconds) at which a clock on the wall shows a local time, given as if it were UTC, in seconds:
   * one, two in the repeated hour of autumn (the earlier first), none in the skipped hour of spring.
   */
  instantsOf(localSeconds: number): readonly number[];
  /** The zone's offset without daylight saving in the year of an instant: the smaller of January's and July's. */
  standardOffsetAt(unixSeconds: number): number;
};

/** Offsets that are remembered; a reader of recordings asks for neighbouring quarter-hours over and over. */
const MAX_KNOWN_OFFSETS = 4_096;

/**
 * The clock of an IANA time zone such as `Europe/Berlin`.
 *
 * @throws UnknownTimeZoneError when the runtime has no such zone
 */
export function createLocalClock(timeZone: string): LocalClock {
  const format = createFormat(timeZone);
  const known = new Map<number, number>();
  const offsetAt = (unixSeconds: number) => {
    // Zones change their offset at full quarter-hours at the finest.
    const quarter = Math.floor(unixSeconds / SECONDS_PER_QUARTER);
    const remembered = known.get(quarter);
    if (remembered !== undefined) return remembered;
    if (known.size >= MAX_KNOWN_OFFSETS) known.clear();
    const offset = readOffset(format, quarter * SECONDS_PER_QUARTER);
    known.set(quarter, offset);
    return offset;
  };
  return {
    offsetAt,
    instantsOf(localSeconds) {
      const offsets = [offsetAt(localSeconds - SECONDS_PER_DAY), offsetAt(localSeconds + SECONDS_PER_DAY)];
      const candidates = [...new Set(offsets.map((offset) => localSeconds - offset))];
      return candidates
        .filter((instant) => instant + offsetAt(instant) === localSeconds)
        .sort((one, other) => one - other);
    },
    standardOffsetAt(unixSeconds) {
      const year = new Date(unixSeconds * MILLIS_PER_SECOND).getUTCFullYear();
      const offsets = [0, 6].map((month) => offsetAt(Date.UTC(year, month, 1) / MILLIS_PER_SECOND));
      return Math.min(...offsets);
    },
  };
}

function createFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    throw new UnknownTimeZoneError(timeZone, { cause });
  }
}

function readOffset(format: Intl.DateTimeFormat, unixSeconds: number): number {
  const parts = new Map(
    format
      .formatToParts(new Date(unixSeconds * MILLIS_PER_SECOND))
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const local = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return local / MILLIS_PER_SECOND - unixSeconds;
}

export class UnknownTimeZoneError extends DomainError {
  readonly code = "unknownTimeZone";

  constructor(timeZone: string, options?: ErrorOptions) {
    super(`time zone "${timeZone}" is not known; use an IANA name such as Europe/Berlin`, options);
  }
}
