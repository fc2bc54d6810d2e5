/** Doubles below this add up and multiply exactly: a sum of two is at most 2⁵³. */
const EXACT_BELOW = 2 ** 52;

/**
 * Sums of quantity times price, exact for any sizes: doubles while they are exact, carried over into bigint before they
 * are not.
 */
export type ExactSums = {
  /** Adds whole `quantity` × `priceMicroPerThousand` (either sign) to the sum `slot`. */
  add(slot: number, quantity: number, priceMicroPerThousand: number): void;
  /** The sum `slot`, in thousandths of a micro. */
  total(slot: number): bigint;
};

/** `count` sums, each zero, in slots 0 … count − 1. */
export function createExactSums(count: number): ExactSums {
  const partial = new Float64Array(count);
  const carried = new Map<number, bigint>();
  const carry = (slot: number, amount: bigint) => {
    carried.set(slot, (carried.get(slot) ?? 0n) + amount);
  };
  return {
    add(slot, quantity, priceMicroPerThousand) {
      const product = quantity * priceMicroPerThousand;
      if (Math.abs(product) >= EXACT_BELOW) {
        carry(slot, BigInt(quantity) * BigInt(priceMicroPerThousand));
        return;
      }
      const sum = (partial[slot] as number) + product;
      const isExact = Math.abs(sum) < EXACT_BELOW;
      partial[slot] = isExact ? sum : 0;
      if (!isExact) carry(slot, BigInt(sum));
    },
    total: (slot) => (carried.get(slot) ?? 0n) + BigInt(partial[slot] as number),
  };
}
