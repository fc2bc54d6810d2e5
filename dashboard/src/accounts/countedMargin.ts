import type { HouseState } from "./house.ts";

/**
 * What of a margin counts for an order, micro: all but what is announced to leave before delivery starts at `coversFrom`, as
 * the clearing house has it. Times in unix s.
 */
export function countedMarginMicro(
  marginMicro: bigint,
  notice: HouseState["notice"],
  { coversFrom, now }: { coversFrom: number; now: number },
): bigint {
  const isBinding = notice !== null && coversFrom > notice.payableAt && now < notice.lapsesAt;
  if (!isBinding) return marginMicro;
  return notice.amountMicro < marginMicro ? marginMicro - notice.amountMicro : 0n;
}
