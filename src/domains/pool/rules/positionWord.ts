import type { Position } from "#domains/pool/rules/settlement.ts";

/** A position of one account. */
export type AccountPosition = Position & { readonly account: number };

/**
 * A position as the contract commits to it, one word: exact payment (128 bits, signed, thousandths of a micro), soldWh
 * (48), boughtWh (48), account (32).
 */
export function positionWord(position: AccountPosition): bigint {
  return (
    (BigInt.asUintN(128, position.exactPayment) << 128n) |
    (position.soldWh << 80n) |
    (position.boughtWh << 32n) |
    BigInt(position.account)
  );
}

export function openPositionWord(word: bigint): AccountPosition {
  return {
    account: Number(word & 0xffffffffn),
    boughtWh: (word >> 32n) & 0xffffffffffffn,
    soldWh: (word >> 80n) & 0xffffffffffffn,
    exactPayment: BigInt.asIntN(128, word >> 128n),
  };
}
