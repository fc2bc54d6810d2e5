import type { MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { type AreaTerms, settlementPrices, supplierReserveMicro } from "#domains/pool/rules/area.ts";
import type { ClearingPlan } from "#domains/pool/rules/clearingPlan.ts";
import { billPage, pagesOf, positionsOfPage, sumOf } from "#domains/pool/rules/pageSettlement.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";

/** A clearing of a history and its money, as the contract keeps it: what is in escrow, and what it owes the supplier. */
export type ClearingMoney = ReturnType<typeof createClearingMoney>;

/** The money of a clearing whose steps come one by one; `isSupplied` says whether the supplier stands for it. */
export function createClearingMoney(
  plan: ClearingPlan,
  terms: AreaTerms,
  { isSupplied }: { isSupplied: boolean },
) {
  const localPriceMicroPerKwh = BigInt(plan.localPriceMicroPerKwh);
  const prices = settlementPrices(terms, { localPriceMicroPerKwh, isSupplied });
  const pages = new Set<number>();
  let positions: readonly MemberPosition[] = [];
  let [escrowMicro, supplierMicro] = [0n, 0n];
  return {
    pages,
    positionsOn: (page: number) => positionsOfPage(positions, page),
    /** Takes a step: what the supplier and the members reserve, and what is given back again. */
    take(step: number): { heldMicro: bigint; releasedMicro: bigint } {
      const before = reservesOf(positions, prices);
      positions = plan.steps[step + 1]?.before ?? plan.positions;
      pages.clear();
      for (const page of pagesOf(positions)) pages.add(page);
      const changes = changesOf(before, reservesOf(positions, prices));
      const supply = step === 0 ? supplierReserveMicro(BigInt(plan.outcome.clearedWh), prices) : 0n;
      supplierMicro += supply;
      const moved = { heldMicro: changes.heldMicro + supply, releasedMicro: changes.releasedMicro };
      escrowMicro += moved.heldMicro - moved.releasedMicro;
      return moved;
    },
    /** Gives up: the supplier's reserve is released at once. */
    giveUp(): bigint {
      const released = supplierMicro;
      [escrowMicro, supplierMicro] = [escrowMicro - released, 0n];
      return released;
    },
    /** Gives a page back, and with the last one the supplier's reserve. */
    giveBack(page: number): bigint {
      pages.delete(page);
      const reserved = sumOf(reservesOf(positionsOfPage(positions, page), prices));
      const released = reserved + (pages.size === 0 ? supplierMicro : 0n);
      escrowMicro -= released;
      if (pages.size === 0) supplierMicro = 0n;
      return released;
    },
    /** Pays a page, and with the last one the supplier, and the fund what rounding left. */
    pay(page: number, counted: ReadonlyMap<number, MeteredEnergy>) {
      pages.delete(page);
      const ofPage = positionsOfPage(positions, page);
      const bill = billPage({ positions: ofPage, reserves: reservesOf(ofPage, prices), counted, prices });
      supplierMicro += bill.supplierMicro;
      escrowMicro -= bill.releasedMicro;
      const isLast = pages.size === 0;
      const closing = isLast ? { supplierMicro, remainderMicro: escrowMicro - supplierMicro } : null;
      const releasedMicro = bill.releasedMicro + (isLast ? escrowMicro : 0n);
      return { gridFeeMicro: bill.gridFeeMicro, releasedMicro, closing };
    },
  };
}

function changesOf(before: ReadonlyMap<number, bigint>, after: ReadonlyMap<number, bigint>) {
  let [heldMicro, releasedMicro] = [0n, 0n];
  for (const member of new Set([...before.keys(), ...after.keys()])) {
    const more = (after.get(member) ?? 0n) - (before.get(member) ?? 0n);
    if (more > 0n) heldMicro += more;
    else releasedMicro -= more;
  }
  return { heldMicro, releasedMicro };
}
