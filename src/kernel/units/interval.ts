/** Number of a delivery interval in its area: ⌊unix seconds / length⌋, half-open `[startsAt, endsAt)`. */
export type IntervalId = number;

/** The interval that holds `unixSeconds`, for intervals of `lengthSeconds`. */
export function intervalAt(unixSeconds: number, lengthSeconds: number): IntervalId {
  return Math.floor(unixSeconds / lengthSeconds);
}

/** First second of the interval. */
export function startsAt(intervalId: IntervalId, lengthSeconds: number): number {
  return intervalId * lengthSeconds;
}

/** First second after the interval. */
export function endsAt(intervalId: IntervalId, lengthSeconds: number): number {
  return (intervalId + 1) * lengthSeconds;
}
