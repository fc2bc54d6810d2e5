import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { MarketView } from "./marketView.ts";

/** Which terms the intervals of an area are traded by: a later version takes effect with a week's notice. */
export type TermsSchedule = {
  /** The terms of an interval, as far as they are announced. */
  of(intervalId: IntervalId): AreaTerms;
  /** Looks for announced versions; within their notice is early enough. */
  refresh(): Promise<void>;
};

/**
 * Opens the schedule of an area.
 *
 * @throws NoTermsError when the area has no pool
 */
export async function openTermsSchedule(
  areaId: number,
  market: Pick<MarketView, "schedule" | "termsOf">,
): Promise<TermsSchedule> {
  const read = async () => {
    const { version, nextVersion, nextFrom } = await market.schedule();
    if (version === 0) throw new NoTermsError(areaId);
    const terms = await market.termsOf(version);
    return {
      terms,
      next: nextVersion === 0 ? null : { from: nextFrom, terms: await market.termsOf(nextVersion) },
    };
  };
  let known = await read();
  return {
    of: (intervalId) => (known.next && intervalId >= known.next.from ? known.next.terms : known.terms),
    async refresh() {
      known = await read();
    },
  };
}

export class NoTermsError extends DomainError {
  readonly code = "noTerms";

  constructor(areaId: number) {
    super(`area ${areaId} has no pool: no terms were announced`);
  }
}
