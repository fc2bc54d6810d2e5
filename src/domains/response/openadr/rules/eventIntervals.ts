import type { Event } from "../model/objects.ts";
import type { Interval, IntervalPeriod } from "../model/payloads.ts";
import { NOW_TEXTS } from "../model/scalars.ts";
import { timeAfter } from "./durations.ts";

/** An interval with its times, ms of the unix epoch, half-open; `endsAt` is infinite where it has no end. */
export type TimedInterval = {
  readonly interval: Interval;
  readonly startsAt: number;
  readonly endsAt: number;
};

type Timing = Pick<Event, "duration" | "intervalPeriod" | "intervals" | "createdDateTime">;

/** Loops of an event's intervals are laid out up to so many, a year of quarters of an hour. */
const MOST_INTERVALS = 35_136;

/**
 * The intervals of an event one after the other, with their times. An interval's own period goes before the event's; without a start it
 * begins where the one before ends; "now" is when the event was created. A duration of the event that is longer than its intervals
 * repeats them (OpenADR 3.1 User Guide, events).
 */
export function timedIntervals(event: Timing): TimedInterval[] {
  const { duration, intervals = [], intervalPeriod = {} } = event;
  const startsAt = startOf(intervalPeriod, event.createdDateTime);
  if (startsAt === null && intervals.every((each) => each.intervalPeriod?.start === undefined)) return [];
  const from = startsAt ?? Date.parse(event.createdDateTime);
  const until = duration === undefined ? null : timeAfter(from, duration);
  const timed = laidOut(event, from);
  const once = timed.at(-1)?.endsAt ?? from;
  if (until === null || once <= from || !Number.isFinite(once)) return timed;
  for (let next = once; next < until && timed.length < MOST_INTERVALS; ) {
    const loop = laidOut(event, next);
    const end = loop.at(-1)?.endsAt ?? next;
    if (end <= next) break;
    timed.push(...loop);
    next = end;
  }
  return timed
    .filter((each) => each.startsAt < until)
    .map((each) => ({ ...each, endsAt: Math.min(each.endsAt, until) }));
}

function laidOut(
  { intervals = [], intervalPeriod = {}, createdDateTime }: Timing,
  from: number,
): TimedInterval[] {
  let next = from;
  return intervals.map((interval) => {
    const own = interval.intervalPeriod ?? {};
    const startsAt = startOf(own, createdDateTime) ?? next;
    const length = own.duration ?? intervalPeriod.duration;
    next = length === undefined ? Number.POSITIVE_INFINITY : timeAfter(startsAt, length);
    return { interval, startsAt, endsAt: next };
  });
}

function startOf({ start }: IntervalPeriod, createdAt: string): number | null {
  if (start === undefined) return null;
  return Date.parse(NOW_TEXTS.has(start) ? createdAt : start.replace(/:60(?=[.Zz+-])/, ":59"));
}

/** Whether an event is over at a time, ms of the unix epoch; one that says no times never is. */
export function hasTranspired(event: Timing, now: number): boolean {
  const timed = timedIntervals(event);
  if (timed.length > 0) return timed.every(({ endsAt }) => endsAt <= now);
  const startsAt = startOf(event.intervalPeriod ?? {}, event.createdDateTime);
  const length = event.duration ?? event.intervalPeriod?.duration;
  return startsAt !== null && length !== undefined && timeAfter(startsAt, length) <= now;
}
