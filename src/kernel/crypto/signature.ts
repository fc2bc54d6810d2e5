import { engine } from "#signatureEngine";
import { type Address, numberOf, toHex, wordOf } from "./hex.ts";
import type { CompactSignature } from "./signatureEngine.ts";
import { keccak256 } from "./typedData.ts";

/** The library at work in this process; see docs/benchmarks.md for what each takes. */
export function engineName(): "native" | "wasm" | "noble" {
  return engine.name;
}

/** Signs a 32-byte digest; deterministic (RFC 6979), so that the same run leaves the same trace. */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): CompactSignature {
  return engine.sign(reduced(digest), privateKey);
}

/**
 * The address whose key signed `digest`, or null when the bytes are no signature of any key. Accepts what the contracts
 * accept: a recovery bit, s up to 2²⁵⁵ − 1, thus also the few above half the order, which nobody signs with.
 */
export function recoverSigner(digest: Uint8Array, signature: CompactSignature): Address | null {
  if (digest.length !== 32 || signature.length !== 64) return null;
  const rs = Uint8Array.from(signature);
  const high = rs[32] ?? 0;
  rs[32] = high & 0x7f;
  if (!isScalar(rs.subarray(0, 32)) || !isScalar(rs.subarray(32))) return null;
  const publicKey = engine.recover(digest, rs, high >= 0x80 ? 1 : 0);
  return publicKey && addressOf(publicKey);
}

/** The address of a private key (R6.1). */
export function addressOfKey(privateKey: Uint8Array): Address {
  return addressOf(engine.publicKey(privateKey));
}

function addressOf(uncompressedPublicKey: Uint8Array): Address {
  return toHex(keccak256(uncompressedPublicKey.subarray(1)).subarray(12));
}

/** The number of points of secp256k1 (SEC 2, section 2.4.1), big-endian. */
const ORDER = Uint8Array.from([
  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae,
  0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
]);

/**
 * A digest modulo the order, as RFC 6979 (2.3.4) feeds it to the nonce: the C library leaves that out, and would sign the
 * one digest in 2¹²⁸ that is not below the order with another nonce than noble.
 */
function reduced(digest: Uint8Array): Uint8Array {
  return digest.length !== 32 || isBelowOrder(digest) ? digest : wordOf(numberOf(digest) - numberOf(ORDER));
}

/** Whether 32 bytes are a number from 1 up to below the curve's order. */
function isScalar(bytes: Uint8Array): boolean {
  return isBelowOrder(bytes) && bytes.some((byte) => byte !== 0);
}

function isBelowOrder(bytes: Uint8Array): boolean {
  const differs = bytes.findIndex((byte, i) => byte !== ORDER[i]);
  return differs >= 0 && (bytes[differs] ?? 0) < (ORDER[differs] ?? 0);
}
