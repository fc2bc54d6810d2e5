import type { AreaTerms } from "./area.ts";

/** A version of an area's terms, counted from 1; it holds for intervals from `fromInterval` on, the first for all. */
export type TermsVersion = {
  readonly version: number;
  readonly fromInterval: number;
  readonly terms: AreaTerms;
};

/** A later version takes effect for intervals that start so long after it was announced, seconds. */
export const TERMS_NOTICE_SECONDS = 7 * 86_400;

/** A supplier that withdraws stands for the intervals that start within this time, seconds. */
export const SUPPLY_NOTICE_SECONDS = 86_400;

/** The terms that an interval is cleared with: the last of the versions, by rising number, that holds for it; null without. */
export function termsFor<Version extends TermsVersion>(
  versions: readonly Version[],
  intervalId: number,
): Version | null {
  return versions.findLast(({ fromInterval }) => fromInterval <= intervalId) ?? null;
}

/** The first interval that starts no earlier than a notice after `timestamp`. */
export function firstIntervalAfter(
  noticeSeconds: number,
  { timestamp, intervalSeconds }: { timestamp: number; intervalSeconds: number },
): number {
  return Math.ceil((timestamp + noticeSeconds) / intervalSeconds);
}
