import type { AreaTerms } from "./area.ts";

/** A version of an area's terms, counted from 1; it holds for intervals from `fromInterval` on, the first for all. */
export type TermsVersion = {
  readonly version: number;
  readonly fromInterval: number;
  readonly terms: AreaTerms;
};

/** A supplier that withdraws stands for the intervals that start within this time, seconds. */
export const SUPPLY_NOTICE_SECONDS = 86_400;

/** The terms that an interval is cleared with: the last of the versions, by rising number, that holds for it; null without. */
export function termsFor<Version extends TermsVersion>(
  versions: readonly Version[],
  intervalId: number,
): Version | null {
  return versions.findLast(({ fromInterval }) => fromInterval <= intervalId) ?? null;
}
