import type { PageBill } from "./pageSettlement.ts";

/** What is wrong with a page's money. */
export type BillFault = {
  readonly rule: "released" | "gridFee";
  readonly finding: string;
  readonly subject: { readonly page: number; readonly member?: number };
};

/** What is wrong with what the last page's settlement paid besides. */
export type ClosingFault = { readonly rule: "supplierPayment" | "remainder"; readonly finding: string };

/** Nobody pays more than was reserved, and the grid fee is the recorded one (R2.51); null when it is so. */
export function findBillFault(
  bill: PageBill,
  recorded: { readonly page: number; readonly gridFeeMicro: bigint },
): BillFault | null {
  const { page, gridFeeMicro } = recorded;
  const [overcharged] = [...bill.postings].find(([, micro]) => micro < 0n) ?? [];
  if (overcharged !== undefined)
    return {
      rule: "released",
      finding: `member ${overcharged} pays more than was reserved for it`,
      subject: { page, member: overcharged },
    };
  if (bill.gridFeeMicro === gridFeeMicro) return null;
  return {
    rule: "gridFee",
    finding: `the grid fee of page ${page} is recorded as ${gridFeeMicro} micro; it is ${bill.gridFeeMicro} micro`,
    subject: { page },
  };
}

/** What a clearing took into escrow is what its positions and the supplier's reserve need (R7.3); null when it is. */
export function findReserveFault(heldMicro: bigint, neededMicro: bigint): string | null {
  if (heldMicro === neededMicro) return null;
  return `the clearing took ${heldMicro} micro into escrow; its positions need ${neededMicro} micro`;
}

/** What left escrow is what was due; null when it is. */
export function findReleaseFault(releasedMicro: bigint, dueMicro: bigint): string | null {
  if (releasedMicro === dueMicro) return null;
  return `${releasedMicro} micro were paid out of escrow; by positions and readings it is ${dueMicro} micro`;
}

/** The supplier gets what deviations leave it, the fund what rounding leaves: at most a micro a participant (R7.19). */
export function findClosingFault({
  recorded,
  computed,
  participants,
}: {
  recorded: { readonly supplierMicro: bigint; readonly remainderMicro: bigint };
  computed: { readonly supplierMicro: bigint; readonly remainderMicro: bigint };
  participants: number;
}): ClosingFault | null {
  const { supplierMicro, remainderMicro } = computed;
  if (recorded.supplierMicro !== supplierMicro || supplierMicro < 0n)
    return {
      rule: "supplierPayment",
      finding: `the supplier is recorded to get ${recorded.supplierMicro} micro; it is ${supplierMicro} micro`,
    };
  const isRounding = remainderMicro >= 0n && remainderMicro <= BigInt(participants);
  if (recorded.remainderMicro === remainderMicro && isRounding) return null;
  return {
    rule: "remainder",
    finding: `rounding is recorded to leave ${recorded.remainderMicro} micro; it left ${remainderMicro} micro over ${participants} participants`,
  };
}
