import { type Hex, isHex } from "viem";
import { fromHex, numberOf, toHex, wordOf } from "#kernel/crypto/hex.ts";
import type { CompactSignature } from "#kernel/crypto/signatureEngine.ts";

/** A signature as transactions carry it. */
export type WideSignature = { readonly r: Hex; readonly s: Hex; readonly v: bigint; readonly yParity: 0 | 1 };

export function wideSignature(signature: CompactSignature): WideSignature {
  const yParity = (signature[32] ?? 0) >= 0x80 ? 1 : 0;
  const s = BigInt.asUintN(255, numberOf(signature.subarray(32)));
  return { r: toHex(signature.subarray(0, 32)), s: toHex(wordOf(s)), v: BigInt(27 + yParity), yParity };
}

/** The same in 64 bytes, or null for what they cannot hold: an s of 2²⁵⁵ or more, which no transaction may have (EIP-2). */
export function compactSignature({
  r,
  s,
  yParity,
}: Pick<WideSignature, "r" | "s"> & { yParity: number }): CompactSignature | null {
  if (![r, s].every((word) => isHex(word) && word.length > 2)) return null;
  if ((yParity !== 0 && yParity !== 1) || BigInt(r) >= 2n ** 256n || BigInt(s) >= 2n ** 255n) return null;
  return fromHex(
    `${toHex(wordOf(BigInt(r)))}${toHex(wordOf(BigInt(s) | (BigInt(yParity) << 255n))).slice(2)}` as Hex,
  );
}
