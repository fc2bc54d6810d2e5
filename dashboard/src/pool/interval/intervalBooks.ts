import type { MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { billPages, type SettledPage } from "#domains/pool/check/billPages.ts";
import type { IntervalEvidence } from "#domains/pool/check/intervalEvidence.ts";
import { settlementPrices, supplierReserveMicro } from "#domains/pool/rules/area.ts";
import { type MemberPosition, openPositions } from "#domains/pool/rules/positionWord.ts";
import type { MemberSettlement } from "#domains/pool/rules/settlement.ts";
import { isPaid } from "#domains/pool/rules/stage.ts";
import { present } from "#kernel/units/assert.ts";

/** A member of a settled interval: what it contracted, what its meter said (null without a reading), what that came to. */
export type SettledMember = {
  readonly member: number;
  readonly position: MemberPosition;
  readonly metered: MeteredEnergy | null;
  readonly settlement: MemberSettlement;
};

/** Money that a party pays (positive) or gets (negative), micro. */
export type Party = { readonly member: number; readonly role: string; readonly paysMicro: bigint };

/**
 * An interval's money. `sumMicro` over all parties is zero, or money appeared or vanished.
 *
 * @property isWhole whether the readings of all pages can be read, as those of a settlement that reached the market directly
 * @property isClaimed whether other markets had claimed some of the energy before
 */
export type IntervalBooks = {
  readonly members: readonly SettledMember[];
  readonly parties: readonly Party[];
  readonly sumMicro: bigint;
  readonly isWhole: boolean;
  readonly isClaimed: boolean;
};

/** What each member contracted, by rising member. */
export function contractedPositions({ positions, area, cleared }: IntervalEvidence): MemberPosition[] {
  const packing = {
    pricing: area.terms.pricing,
    localPriceMicroPerKwh: cleared?.localPriceMicroPerKwh ?? 0,
  };
  return positions.flatMap(({ words }) => openPositions(words, packing)).sort((a, b) => a.member - b.member);
}

/**
 * What each member pays by the market's own settlement, against what was recorded for the grid operator, the supplier
 * and the fund; null before the settlement.
 */
export function intervalBooks(evidence: IntervalEvidence): IntervalBooks | null {
  const { cleared, closing, pages, area, stage } = evidence;
  if (!isPaid(stage) || cleared === null) return null;
  if (closing === null) return NOTHING_TRADED;
  const { isSupplied } = cleared;
  const localPriceMicroPerKwh = BigInt(cleared.localPriceMicroPerKwh);
  const prices = settlementPrices(area.terms, { localPriceMicroPerKwh, isSupplied });
  const settled = billPages(evidence, { positions: contractedPositions(evidence), prices });
  const members = settled.flatMap(settledMembers);
  const supplierMicro = closing.supplierMicro - supplierReserveMicro(cleared.clearedWh, prices);
  const parties = [
    ...members.map(partyOf),
    ...recordedParties(evidence, { supplierMicro, remainderMicro: closing.remainderMicro }),
  ];
  return {
    members,
    parties,
    sumMicro: parties.reduce((sum, { paysMicro }) => sum + paysMicro, 0n),
    isWhole: settled.length === pages.length,
    isClaimed: pages.some(({ taken, claims }) => taken !== 0n || claims.length > 0),
  };
}

/** Without a trade there is no page to settle, and nothing to close. */
const NOTHING_TRADED: IntervalBooks = {
  members: [],
  parties: [],
  sumMicro: 0n,
  isWhole: true,
  isClaimed: false,
};

function settledMembers({ positions, metered, bill }: SettledPage): SettledMember[] {
  return positions.map((position) => {
    const { member } = position;
    const settlement = present(bill.settlements.get(member), "the settlement of a position");
    return { member, position, metered: metered.get(member) ?? null, settlement };
  });
}

function partyOf({ member, position, settlement }: SettledMember): Party {
  const role = position.side === "bid" ? "bought" : "sold";
  return { member, role, paysMicro: settlement.netMicro };
}

function recordedParties(
  { pages, area }: IntervalEvidence,
  { supplierMicro, remainderMicro }: { supplierMicro: bigint; remainderMicro: bigint },
): Party[] {
  const { supplier, dso, fund } = area.parties;
  const gridFeeMicro = pages.reduce((sum, page) => sum + page.gridFeeMicro, 0n);
  return [
    { member: dso, role: "grid fee", paysMicro: -gridFeeMicro },
    { member: supplier, role: "shortfalls, less surpluses", paysMicro: -supplierMicro },
    // Charges round up and credits down: what that leaves belongs to all.
    { member: fund, role: "what rounding left", paysMicro: -remainderMicro },
  ];
}
