/** What one day of the month so far came to; money in micro, positive was paid. */
export type DaySum = { readonly intervals: number; readonly micro: bigint };

/** What a month will come to if its days go on as those so far, with what that rests on. */
export type MonthForecast = {
  readonly micro: bigint;
  /** What all days before today came to. */
  readonly soFarMicro: bigint;
  /** What today and the days after it come to at the mean. */
  readonly restMicro: bigint;
  /** Of the whole days among them. */
  readonly meanMicro: bigint;
  readonly wholeDays: number;
  /** Today and the days after it. */
  readonly daysLeft: number;
};

/** Fewer whole days say nothing of a month. */
export const LEAST_DAYS = 3;
/** A day with fewer of the intervals that the fullest day has is no whole one. */
const WHOLE_SHARE = 0.9;

/**
 * Days before today as they were, and today and the days left at the mean of the whole ones, rounded up; null with fewer than
 * {@link LEAST_DAYS} whole days.
 */
export function forecastMonth(days: readonly DaySum[], daysLeft: number): MonthForecast | null {
  const fullest = Math.max(0, ...days.map(({ intervals }) => intervals));
  const whole = days.filter(({ intervals }) => intervals > 0 && intervals >= WHOLE_SHARE * fullest);
  if (whole.length < LEAST_DAYS) return null;
  const sum = (of: readonly DaySum[]) => of.reduce((total, { micro }) => total + micro, 0n);
  const [soFarMicro, wholeMicro, count] = [sum(days), sum(whole), BigInt(whole.length)];
  const restMicro = divideUp(wholeMicro * BigInt(daysLeft), count);
  return {
    micro: soFarMicro + restMicro,
    soFarMicro,
    restMicro,
    meanMicro: divideUp(wholeMicro, count),
    wholeDays: whole.length,
    daysLeft,
  };
}

function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return quotient * by < value ? quotient + 1n : quotient;
}

/** How a time stands to the one before it. */
export type PeriodComparison = {
  readonly kind: "more" | "less" | "same" | "unknown";
  /** What lies between the two, micro ≥ 0. */
  readonly differenceMicro: bigint;
};

/** Compares what two times came to; unknown where the earlier one has far fewer intervals. */
export function comparePeriods(
  now: { readonly intervals: number; readonly micro: bigint },
  before: { readonly intervals: number; readonly micro: bigint },
): PeriodComparison {
  if (before.intervals < WHOLE_SHARE * now.intervals) return { kind: "unknown", differenceMicro: 0n };
  const difference = now.micro - before.micro;
  if (difference === 0n) return { kind: "same", differenceMicro: 0n };
  return difference > 0n
    ? { kind: "more", differenceMicro: difference }
    : { kind: "less", differenceMicro: -difference };
}
