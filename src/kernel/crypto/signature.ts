import { secp256k1 } from "@noble/curves/secp256k1.js";
import { type Address, toHex } from "./hex.ts";
import { keccak256 } from "./typedData.ts";

/** A signature in the 64 bytes of EIP-2098: r, then s with the recovery bit in its highest bit. */
export type CompactSignature = Uint8Array;

/** Signs a 32-byte digest; deterministic (RFC 6979), so that the same run leaves the same trace. */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): CompactSignature {
  const recovered = secp256k1.sign(digest, privateKey, { prehash: false, format: "recovered" });
  const compact = recovered.slice(1);
  if (recovered[0] === 1) compact[32] = (compact[32] ?? 0) | 0x80;
  return compact;
}

/** The address whose key signed `digest`, or null when the bytes are no signature of any key. */
export function recoverSigner(digest: Uint8Array, signature: CompactSignature): Address | null {
  if (signature.length !== 64) return null;
  const recovered = new Uint8Array(65);
  recovered.set(signature, 1);
  const s = recovered[33] ?? 0;
  recovered[0] = s >> 7;
  recovered[33] = s & 0x7f;
  try {
    const publicKey = secp256k1.recoverPublicKey(recovered, digest, { prehash: false });
    return addressOf(secp256k1.Point.fromBytes(publicKey).toBytes(false));
  } catch {
    return null;
  }
}

/** The address of a private key (R6.1). */
export function addressOfKey(privateKey: Uint8Array): Address {
  return addressOf(secp256k1.getPublicKey(privateKey, false));
}

function addressOf(uncompressedPublicKey: Uint8Array): Address {
  return toHex(keccak256(uncompressedPublicKey.subarray(1)).subarray(12));
}
