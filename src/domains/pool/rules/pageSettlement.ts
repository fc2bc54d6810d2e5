import type { MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import type { SettlementPrices } from "./area.ts";
import { type MemberPosition, openPositions, type PositionPacking, packPositions } from "./positionWord.ts";
import { type MemberSettlement, settlePosition } from "./settlement.ts";

/** A position that is not that of the clearing. */
export type PositionFault = { readonly member?: number; readonly finding: string };

/** The positions of a page, by rising member. */
export function positionsOfPage(positions: Iterable<MemberPosition>, page: number): MemberPosition[] {
  return [...positions].filter(({ member }) => pageOf(member) === page);
}

/** Pages on which somebody has a position, rising. */
export function pagesOf(positions: Iterable<MemberPosition>): number[] {
  return [...new Set([...positions].map(({ member }) => pageOf(member)))].sort((a, b) => a - b);
}

/** The packed positions of a page that are brought must be those of the clearing; null when they are. */
export function findPositionFault(
  brought: readonly bigint[],
  positions: readonly MemberPosition[],
  packing: PositionPacking,
): PositionFault | null {
  if (String(brought) === String(packPositions(positions, packing))) return null;
  const opened = openPositions(brought, packing);
  const differing = positions.find((position, i) => !isSame(position, opened[i]));
  const extra = opened[positions.length];
  const { member } = differing ?? extra ?? {};
  if (member === undefined) return { finding: "the positions are not packed as the contract packs them" };
  return differing
    ? { member, finding: `the position of member ${member} is not that of the clearing` }
    : { member, finding: `member ${member} has no position in the clearing` };
}

function isSame(a: MemberPosition, b: MemberPosition | undefined): boolean {
  return (
    a.member === b?.member &&
    a.side === b.side &&
    a.boughtWh === b.boughtWh &&
    a.soldWh === b.soldWh &&
    a.exactPayment === b.exactPayment
  );
}

/** The money of a page's positions by member, micro. `supplierMicro` is what deviations bring the supplier, or cost it. */
export type PageBill = {
  readonly settlements: ReadonlyMap<number, MemberSettlement>;
  readonly postings: ReadonlyMap<number, bigint>;
  readonly gridFeeMicro: bigint;
  readonly supplierMicro: bigint;
  readonly releasedMicro: bigint;
};

const NOTHING_METERED: MeteredEnergy = { importWh: 0n, exportWh: 0n };

/**
 * Settles the positions of a page against what is counted of their readings (R7.19, R2.51): a member without a reading counts
 * as zero import and zero export.
 */
export function billPage({
  positions,
  reserves,
  counted,
  prices,
}: {
  positions: Iterable<MemberPosition>;
  reserves: ReadonlyMap<number, bigint>;
  counted: ReadonlyMap<number, MeteredEnergy>;
  prices: SettlementPrices;
}): PageBill {
  const settlements = new Map<number, MemberSettlement>();
  const postings = new Map<number, bigint>();
  let [gridFeeMicro, supplierMicro] = [0n, 0n];
  for (const position of positions) {
    const { member } = position;
    const settled = settlePosition(position, counted.get(member) ?? NOTHING_METERED, prices);
    gridFeeMicro += settled.gridFeeMicro;
    supplierMicro += settled.shortfallMicro - settled.surplusMicro;
    settlements.set(member, settled);
    postings.set(member, (reserves.get(member) ?? 0n) - settled.netMicro);
  }
  const releasedMicro = sumOf(postings) + gridFeeMicro;
  return { settlements, postings, gridFeeMicro, supplierMicro, releasedMicro };
}

/** Sum of amounts, micro. */
export function sumOf(amounts: ReadonlyMap<number, bigint>): bigint {
  return [...amounts.values()].reduce((sum, micro) => sum + micro, 0n);
}
