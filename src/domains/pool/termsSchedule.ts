import { type AnnouncedTerms, openAnnouncedTerms } from "#domains/metering/announcedTerms.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { MarketView } from "./marketView.ts";

/** Which terms the intervals of an area are traded by. */
export type TermsSchedule = AnnouncedTerms<AreaTerms>;

/**
 * Opens the schedule of an area.
 *
 * @throws NoTermsError when the area has no pool
 */
export async function openTermsSchedule(
  areaId: number,
  market: Pick<MarketView, "schedule" | "termsOf">,
): Promise<TermsSchedule> {
  const terms = await openAnnouncedTerms(market);
  if (terms === null) throw new NoTermsError(areaId);
  return terms;
}

export class NoTermsError extends DomainError {
  readonly code = "noTerms";

  constructor(areaId: number) {
    super(`area ${areaId} has no pool: no terms were announced`);
  }
}
