import { RefusedCallError } from "./refusedCall.ts";

const MILLIS_PER_SECOND = 1_000;

/** Unix seconds as the protocol writes them. */
export function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * MILLIS_PER_SECOND).toISOString();
}

/**
 * A time of the protocol in whole unix seconds, rounded down. The schema admits second 60, which no `Date` knows: it is the
 * first of the next minute.
 *
 * @throws RefusedCallError that the station is answered with, when it is no time
 */
export function unixSeconds(text: string): number {
  const isLeap = /:60(?=[.Z+-])/.test(text);
  const millis = Date.parse(isLeap ? text.replace(/:60(?=[.Z+-])/, ":59") : text);
  if (Number.isNaN(millis)) throw new RefusedCallError("PropertyConstraintViolation", `${text} is no time`);
  return Math.floor(millis / MILLIS_PER_SECOND) + (isLeap ? 1 : 0);
}
