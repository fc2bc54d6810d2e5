import type { RowTimes } from "./placeTimes.ts";

/** Times of rows that are instants already. */
export function instantTimes(seconds: Float64Array, lines: ArrayLike<number>): RowTimes {
  return { seconds, isLocal: new Uint8Array(seconds.length), lines };
}
