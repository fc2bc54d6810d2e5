import { useQueries } from "@tanstack/react-query";
import { getQuery } from "../../app/api/useGet.ts";
import { pagesOf } from "../../app/parts/ranges.ts";
import { type Interval, type Intervals, isOver } from "../interval.ts";

/** Intervals that an answer holds at most (docs/api.md). */
const MOST_INTERVALS = 500;

/** What is known of the intervals of a time up to now. */
export type PastIntervals = {
  /** Latest first; those of the answers that are there. */
  readonly intervals: readonly Interval[];
  readonly isWaiting: boolean;
  readonly error: Error | null;
};

/** The intervals of an area that began in the `seconds` up to `now`, or are to come, latest first. */
export function usePastIntervals({
  areaId,
  intervalSeconds,
  seconds,
  now,
}: Record<"areaId" | "intervalSeconds" | "seconds" | "now", number>): PastIntervals {
  const { newest, before, page } = pagesOf({ seconds, intervalSeconds, now, most: MOST_INTERVALS });
  const path = `/v1/intervals?areaId=${areaId}`;
  const paths = [
    `${path}&limit=${newest}`,
    ...before.map((at) => `${path}&limit=${page}&before=${at}.${areaId}`),
  ];
  return useQueries({
    queries: paths.map((each) =>
      getQuery<Intervals>(each, {
        isFinal: ({ intervals }) => intervals.length > 0 && intervals.every(isOver),
      }),
    ),
    combine: (answers) => {
      const byStart = new Map<number, Interval>();
      for (const { data } of answers)
        for (const interval of data?.intervals ?? []) byStart.set(interval.startsAt, interval);
      const intervals = [...byStart.values()]
        .filter(({ startsAt }) => startsAt >= now - seconds)
        .sort((a, b) => b.startsAt - a.startsAt);
      return {
        intervals,
        isWaiting: answers.some(({ isPending }) => isPending),
        error: answers.find(({ error, data }) => error !== null && data === undefined)?.error ?? null,
      };
    },
  });
}
