import type { MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import type { SettlementPrices } from "./area.ts";
import { type AccountPosition, openPositionWord, positionWord } from "./positionWord.ts";
import { type AccountSettlement, asContracted, settlePosition } from "./settlement.ts";

/** Positions, one list a step of the clearing. */
export type StepPositions = readonly (readonly AccountPosition[])[];

/** A position that is not that of the clearing. */
export type PositionFault = { readonly account?: number; readonly finding: string };

/** The positions of a page, one list a step. */
export function positionsOfPage(steps: StepPositions, page: number): StepPositions {
  return steps.map((step) => step.filter(({ account }) => pageOf(account) === page));
}

/** The position words that are brought must be those of the clearing, step by step; null when they are. */
export function findPositionFault(
  brought: readonly (readonly bigint[])[],
  steps: StepPositions,
): PositionFault | null {
  if (brought.length !== steps.length)
    return { finding: `positions of ${brought.length} steps were brought, ${steps.length} were made` };
  for (const [number, step] of steps.entries()) {
    const words = brought[number] ?? [];
    const differing = step.find((position, i) => words[i] !== positionWord(position));
    if (differing !== undefined) {
      const { account } = differing;
      return { account, finding: `the position of account ${account} is not that of the clearing` };
    }
    const extra = words[step.length];
    if (extra === undefined) continue;
    const { account } = openPositionWord(extra);
    return { account, finding: `account ${account} has no position in the clearing` };
  }
  return null;
}

/** The money of a page's positions, micro. `supplierMicro` is what deviations bring the supplier, or cost it. */
export type PageBill = {
  readonly settlements: ReadonlyMap<number, AccountSettlement>;
  readonly postings: ReadonlyMap<number, bigint>;
  readonly gridFeeMicro: bigint;
  readonly supplierMicro: bigint;
  readonly releasedMicro: bigint;
};

/** Settles the positions of a page, merged by account, against their readings (R7.19, R2.51). */
export function billPage({
  merged,
  reserves,
  metered,
  prices,
}: {
  merged: ReadonlyMap<number, AccountPosition>;
  reserves: ReadonlyMap<number, bigint>;
  metered: ReadonlyMap<number, MeteredEnergy>;
  prices: SettlementPrices;
}): PageBill {
  const settlements = new Map<number, AccountSettlement>();
  const postings = new Map<number, bigint>();
  let [gridFeeMicro, supplierMicro] = [0n, 0n];
  for (const [account, position] of merged) {
    const reading = metered.get(account) ?? { importWh: 0n, exportWh: 0n };
    const settled = settlePosition(position, reading, prices);
    gridFeeMicro += settled.gridFeeMicro;
    supplierMicro += settled.shortfallMicro - settled.surplusMicro;
    settlements.set(account, settled);
    postings.set(account, (reserves.get(account) ?? 0n) - settled.netMicro);
  }
  const releasedMicro = sumOf(postings) + gridFeeMicro;
  return { settlements, postings, gridFeeMicro, supplierMicro, releasedMicro };
}

/** What the meters would say if everybody had done as contracted: the reading of a page that has none. */
export function meteredAsContracted(
  merged: ReadonlyMap<number, AccountPosition>,
): ReadonlyMap<number, MeteredEnergy> {
  return new Map([...merged].map(([account, position]) => [account, asContracted(position)] as const));
}

/** Sum of amounts, micro. */
export function sumOf(amounts: ReadonlyMap<number, bigint>): bigint {
  return [...amounts.values()].reduce((sum, micro) => sum + micro, 0n);
}
