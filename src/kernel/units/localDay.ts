import type { LocalClock } from "./localClock.ts";

const SECONDS_PER_DAY = 86_400;

/** The day that an instant belongs to on a wall clock, `[from, to)` in unix seconds: 23, 24 or 25 hours. */
export function localDay(clock: LocalClock, unixSeconds: number): { from: number; to: number } {
  const local = unixSeconds + clock.offsetAt(unixSeconds);
  const midnight = local - (local % SECONDS_PER_DAY);
  return { from: dayStart(clock, midnight), to: dayStart(clock, midnight + SECONDS_PER_DAY) };
}

/**
 * The instant at which a day begins whose midnight is given in local seconds, as if they were UTC. Where a zone skips
 * midnight itself, the day begins with the first time that there is.
 */
export function dayStart(clock: LocalClock, localSeconds: number): number {
  const [instant] = clock.instantsOf(localSeconds);
  return instant ?? localSeconds - clock.offsetAt(localSeconds - SECONDS_PER_DAY);
}
