import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import { refuseWith } from "./question.ts";

/** A clock, its name, and how it is known that the file goes by it. */
export type Zone = { readonly name: string; readonly clock: LocalClock; readonly because: string };

/** The clock of an IANA zone, or of a fixed offset such as `UTC+1` or `+10:00`. */
export function openZone(name: string, because: string): Zone {
  return { name, clock: createLocalClock(ianaName(name)), because };
}

/** Whole hours have names of their own, whose sign is turned about. */
function ianaName(name: string): string {
  const fixed = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?00)?$/i.exec(name.trim());
  if (fixed === null) return name.trim();
  const hours = Number(fixed[2]);
  return hours === 0 ? "UTC" : `Etc/GMT${fixed[1] === "+" ? "-" : "+"}${hours}`;
}

/** @throws FileRefusedError always: no zone is known */
export function askForZone(example: string): never {
  throw refuseWith({
    asks: `its times, such as "${example}", have no offset: in which time zone are they?`,
    answer: "--zone Europe/Vienna, --zone UTC, --zone UTC+1 (standard time all year), or mapping: zone:",
  });
}

const SECONDS_PER_DAY = 86_400;

/** Offsets of instants in their order: a day that begins and ends with one offset has no other. */
export function createDayOffsets({ offsetAt }: LocalClock): (unixSeconds: number) => number {
  let knownDay = Number.NaN;
  let ofDay: number | null = null;
  return (unixSeconds) => {
    const day = Math.floor(unixSeconds / SECONDS_PER_DAY);
    if (day !== knownDay) {
      knownDay = day;
      const first = offsetAt(day * SECONDS_PER_DAY);
      ofDay = first === offsetAt((day + 1) * SECONDS_PER_DAY) ? first : null;
    }
    return ofDay ?? offsetAt(unixSeconds);
  };
}
