/** How far back a chart over time goes. */
export type Range = { readonly name: string; readonly seconds: number };

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** What a reader chooses from, the shortest first. */
export const RANGES = [
  { name: "6 hours", seconds: 6 * HOUR },
  { name: "12 hours", seconds: 12 * HOUR },
  { name: "Day", seconds: DAY },
  { name: "Week", seconds: 7 * DAY },
  { name: "Month", seconds: 31 * DAY },
] as const satisfies readonly Range[];

/** How many of a list's newest entries are asked for, and the cursors that its older pages begin before. */
export type RangePages = {
  readonly newest: number;
  readonly before: readonly number[];
  readonly page: number;
};

/**
 * Pages of a list of intervals that hold a range up to `now`. Older pages begin at times that stay the same while the
 * market goes on, so that each is asked for once.
 */
export function pagesOf({
  seconds,
  intervalSeconds,
  now,
  most,
}: {
  seconds: number;
  intervalSeconds: number;
  /** Unix seconds. */
  now: number;
  /** Entries that a page can hold. */
  most: number;
}): RangePages {
  const wanted = Math.ceil(seconds / intervalSeconds);
  if (wanted <= most) return { newest: wanted, before: [], page: most };
  // Half of what a page holds: the newest page reaches back beyond the last border, with what is still to come.
  const page = Math.floor(most / 2);
  const width = page * intervalSeconds;
  const border = Math.floor(now / width) * width;
  const first = now - seconds;
  const before: number[] = [];
  for (let at = border; at > first; at -= width) before.push(at);
  return { newest: most, before, page };
}
