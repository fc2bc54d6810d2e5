import { DomainError } from "#kernel/units/domainError.ts";

/** A leap year, and the hour that autumn repeats. */
const MAX_SECONDS = 366 * 86_400 + 3_600;
const LEAST_INTERVAL_SECONDS = 60;

/** More intervals than that no span of columns has. */
export const MAX_COLUMN_ROWS = MAX_SECONDS / LEAST_INTERVAL_SECONDS;

/**
 * The time `[from, to)`, unix seconds, of an answer that has intervals in columns: forward, and a year at most.
 *
 * @throws SeriesRangeError
 */
export function requireColumnSpan({ from, to }: { readonly from: number; readonly to: number }): void {
  if (to < from || to - from > MAX_SECONDS) throw new SeriesRangeError(from, to);
}

class SeriesRangeError extends DomainError {
  readonly code = "seriesRange";

  constructor(from: number, to: number) {
    super(`a series goes forward over at most 366 days; ${from} s to ${to} s does not`);
  }
}
