const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
/** Up to here a smaller unit says more than a fraction of the larger one. */
const UNITS_KEPT = 2;

/** A length of time in the largest unit that says enough: 45 s, 15 min, 3 h, 4 days. */
export function durationText(seconds: number): string {
  if (seconds < UNITS_KEPT * SECONDS_PER_MINUTE && (seconds === 0 || seconds % SECONDS_PER_MINUTE !== 0))
    return `${seconds} s`;
  if (seconds < UNITS_KEPT * SECONDS_PER_HOUR) return `${Math.round(seconds / SECONDS_PER_MINUTE)} min`;
  if (seconds < UNITS_KEPT * SECONDS_PER_DAY) return `${Math.round(seconds / SECONDS_PER_HOUR)} h`;
  return `${Math.round(seconds / SECONDS_PER_DAY)} days`;
}
