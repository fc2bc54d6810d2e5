/** A signature in the 64 bytes of EIP-2098: r, then s with the recovery bit in its highest bit. */
export type CompactSignature = Uint8Array;

/**
 * The arithmetic of secp256k1, by one of three libraries. Which one is at work changes the time, never a result: the tests
 * hold all three together. The caller has checked the lengths, and that r and s are from 1 up to below the curve's order.
 */
export type SignatureEngine = {
  readonly name: "native" | "wasm" | "noble";
  /**
   * The public key that the signature over `digest` belongs to, 65 bytes, or null when there is none.
   *
   * @param rs r and s, 32 bytes each; s may be in the upper half
   */
  recover(digest: Uint8Array, rs: Uint8Array, yParity: 0 | 1): Uint8Array | null;
  /** The public key of a private key, 65 bytes. Throws when the key is none. */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /**
   * Signs deterministically (RFC 6979) with s in the lower half. Throws when the key is none.
   *
   * @param digest below the curve's order
   */
  sign(digest: Uint8Array, privateKey: Uint8Array): CompactSignature;
};

/** r, s and the recovery id of a signature with a low s, in 64 bytes (EIP-2098). */
export function compactOf(rs: Uint8Array, recoveryId: number): CompactSignature {
  const compact = Uint8Array.from(rs);
  if ((recoveryId & 1) === 1) compact[32] = (compact[32] ?? 0) | 0x80;
  return compact;
}
