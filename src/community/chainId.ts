import { keccak256Text } from "#kernel/crypto/typedData.ts";

/** Where the chain ids of our own begin, away from the numbers of public networks: of demonstrations, and of communities of one's own. */
export const DEMONSTRATION_CHAINS = 7_000_000_000;
export const OWN_CHAINS = 7_100_000_000;

/** A chain id above `first` that follows from what names the chain: one of 2²⁴. */
export function numberedChainId(first: number, name: string): number {
  const [a = 0, b = 0, c = 0] = keccak256Text(`commonwatt chain ${name}`);
  return first + ((a << 16) | (b << 8) | c);
}
