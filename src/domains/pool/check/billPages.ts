import { type ClaimedBefore, countedOf } from "#domains/metering/rules/countedReading.ts";
import type { MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { meteredOf, missingOf } from "#domains/metering/rules/shownReadings.ts";
import type { SettlementPrices } from "#domains/pool/rules/area.ts";
import { billPage, type PageBill, positionsOfPage } from "#domains/pool/rules/pageSettlement.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import type { IntervalEvidence, PageEvidence } from "./intervalEvidence.ts";

/**
 * A settled page with its positions, and what they come to with its readings.
 *
 * @property metered what the meters registered, as the settlement showed it
 * @property missing members without a reading
 */
export type SettledPage = {
  readonly page: PageEvidence;
  readonly positions: readonly MemberPosition[];
  readonly reserves: ReadonlyMap<number, bigint>;
  readonly metered: ReadonlyMap<number, MeteredEnergy>;
  readonly missing: readonly number[];
  readonly bill: PageBill;
};

/** Settles the pages of an interval anew; without those whose readings cannot be read. */
export function billPages(
  { pages }: IntervalEvidence,
  { positions, prices }: { positions: readonly MemberPosition[]; prices: SettlementPrices },
): readonly SettledPage[] {
  return pages.flatMap((settled): SettledPage[] => {
    const { page, shown } = settled;
    if (shown === null) return [];
    const ofPage = positionsOfPage(positions, page);
    const reserves = reservesOf(ofPage, prices);
    const metered = meteredOf(page, shown);
    const missing = missingOf(
      page,
      shown,
      ofPage.map(({ member }) => member),
    );
    const bill = billPage({ positions: ofPage, reserves, counted: countedOn(settled, metered), prices });
    return [{ page: settled, positions: ofPage, reserves, metered, missing, bill }];
  });
}

/** What counts of the readings that a settlement showed: what others claimed before counts there. */
function countedOn(
  { taken, claims }: PageEvidence,
  metered: ReadonlyMap<number, MeteredEnergy>,
): ReadonlyMap<number, MeteredEnergy> {
  const exportWh = new Map<number, bigint>();
  for (const { member, energyWh } of claims) exportWh.set(member, (exportWh.get(member) ?? 0n) + energyWh);
  const claimed: ClaimedBefore = { taken, exportWh };
  return new Map([...metered].map(([member, energy]) => [member, countedOf(energy, member, claimed)]));
}
