/** How far back a chart over time goes. */
export type Range = { readonly name: string; readonly seconds: number };

/** What one point of a chart stands for. */
export type Resolution = "interval" | "hour" | "day";

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** Points that a chart can show, and an answer of the API holds (docs/api.md). */
const MOST_POINTS = 800;

/** What a reader chooses from, the shortest first. */
export const RANGES = [
  { name: "6 hours", seconds: 6 * HOUR },
  { name: "12 hours", seconds: 12 * HOUR },
  { name: "Day", seconds: DAY },
  { name: "Week", seconds: 7 * DAY },
  { name: "Month", seconds: 31 * DAY },
  { name: "Year", seconds: 366 * DAY },
] as const satisfies readonly Range[];

/** A range in a sentence: last 6 hours, last week. */
export function lastOf({ name }: Range): string {
  return `last ${name.toLowerCase()}`;
}

/** A time up to the end of the interval that runs, in points that are as fine as a chart can show. */
export type RangeBounds = { readonly from: number; readonly to: number; readonly of: Resolution };

/** Bounds stay the same while an interval runs, so that each is asked for once. */
export function boundsOf({
  seconds,
  intervalSeconds,
  now,
}: {
  seconds: number;
  intervalSeconds: number;
  /** Unix seconds. */
  now: number;
}): RangeBounds {
  const to = (Math.floor(now / intervalSeconds) + 1) * intervalSeconds;
  const from = Math.max(0, to - seconds);
  if (seconds <= MOST_POINTS * intervalSeconds) return { from, to, of: "interval" };
  // Hours and days are whole, so that there is one more where the time begins within one.
  return { from, to, of: seconds < MOST_POINTS * HOUR ? "hour" : "day" };
}

/** Seconds of a resolution's points, as they usually are. */
export function secondsOf(of: Resolution, intervalSeconds: number): number {
  if (of === "interval") return intervalSeconds;
  return of === "hour" ? HOUR : DAY;
}
