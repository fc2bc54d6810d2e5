const SECONDS_PER_HOUR = 3_600;

/** To the quarter of an hour, also over a year: 1,230.25 h. */
export function hoursText(seconds: number): string {
  return `${(seconds / SECONDS_PER_HOUR).toLocaleString("en-GB", { maximumFractionDigits: 2 })} h`;
}
