import type { ChainEvent } from "#chain/chainEvent.ts";
import { type AccountPosition, openPositionWord, positionWord } from "#evidence/positionWord.ts";
import { pageOf } from "#evidence/readingTree.ts";
import type { SettlementPrices } from "#market/area.ts";
import { settlePosition } from "#market/settlement.ts";
import { type AuditedInterval, refuseInterval } from "./auditArea.ts";
import type { MeteredWh } from "./auditReadings.ts";

export type PageEvent = ChainEvent<"pageSettled" | "pageVoided">;

/** The positions of a page, one list a step. */
export function positionsOfPage(
  steps: AuditedInterval["positions"],
  page: number,
): readonly (readonly AccountPosition[])[] {
  return steps.map((step) => step.filter(({ account }) => pageOf(account) === page));
}

/** Sum of amounts, micro. */
export function sumOf(amounts: ReadonlyMap<number, bigint>): bigint {
  return [...amounts.values()].reduce((sum, micro) => sum + micro, 0n);
}

/** The positions that the transaction brought must be those of the clearing. */
export function comparePositions(event: PageEvent, steps: readonly (readonly AccountPosition[])[]): void {
  const brought = event.submission?.positions;
  if (!brought) return;
  const { page } = event;
  if (brought.length !== steps.length)
    refuseInterval(
      event,
      "positions",
      `positions of ${brought.length} steps were brought, ${steps.length} were made`,
    );
  steps.forEach((step, number) => {
    const words = brought[number] ?? [];
    step.forEach((position, i) => {
      const { account } = position;
      if (words[i] !== positionWord(position))
        refuseInterval(event, "positions", `the position of account ${account} is not that of the clearing`, {
          page,
          account,
        });
    });
    const [extra] = words.slice(step.length);
    if (extra === undefined) return;
    const { account } = openPositionWord(extra);
    refuseInterval(event, "positions", `account ${account} has no position in the clearing`, {
      page,
      account,
    });
  });
}

/** The money of a page's positions, micro. `supplierMicro` is what deviations bring the supplier, or cost it. */
export function billPage({
  merged,
  reserves,
  metered,
  prices,
}: {
  merged: ReadonlyMap<number, AccountPosition>;
  reserves: ReadonlyMap<number, bigint>;
  metered: ReadonlyMap<number, MeteredWh>;
  prices: SettlementPrices;
}): {
  postings: ReadonlyMap<number, bigint>;
  gridFeeMicro: bigint;
  supplierMicro: bigint;
  releasedMicro: bigint;
} {
  const postings = new Map<number, bigint>();
  let [gridFeeMicro, supplierMicro] = [0n, 0n];
  for (const [account, position] of merged) {
    const reading = metered.get(account) ?? { importWh: 0n, exportWh: 0n };
    const settled = settlePosition(position, reading, prices);
    gridFeeMicro += settled.gridFeeMicro;
    supplierMicro += settled.shortfallMicro - settled.surplusMicro;
    postings.set(account, (reserves.get(account) ?? 0n) - settled.netMicro);
  }
  return { postings, gridFeeMicro, supplierMicro, releasedMicro: sumOf(postings) + gridFeeMicro };
}

/** What the meters would say if everybody had done as contracted: the reading of a page that has none. */
export function meteredAsContracted(
  merged: ReadonlyMap<number, AccountPosition>,
): ReadonlyMap<number, MeteredWh> {
  const metered = ([account, { boughtWh, soldWh }]: [number, AccountPosition]): [number, MeteredWh] => [
    account,
    { importWh: boughtWh, exportWh: soldWh },
  ];
  return new Map([...merged].map(metered));
}
