import { MICRO_PER_FINE, roundToNearest } from "#kernel/units/roundedParts.ts";

/** A movement and the balance after it as they are shown, micro: what moved is what lies between the shown balances. */
export function shownMovement({
  wholeMicro,
  balanceMicro,
}: {
  readonly wholeMicro: string;
  readonly balanceMicro: string;
}): { readonly whole: bigint; readonly balance: bigint } {
  const balance = roundToNearest(BigInt(balanceMicro), MICRO_PER_FINE);
  const before = roundToNearest(BigInt(balanceMicro) - BigInt(wholeMicro), MICRO_PER_FINE);
  return { whole: balance - before, balance };
}
