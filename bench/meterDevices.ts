import { wordOf } from "#kernel/crypto/hex.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";

const DEVICES = 2_000;

/** Keys of the devices, by their members: the same in the process that sends and in the one that takes. */
export function deviceKeys(): readonly Uint8Array[] {
  return Array.from({ length: DEVICES }, (_, i) => keccak256(wordOf(i + 1)));
}
