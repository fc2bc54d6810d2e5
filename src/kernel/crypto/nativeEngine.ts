import { compactOf, type SignatureEngine } from "./signatureEngine.ts";

/** What of the package secp256k1 is used: its binding to the C library, without its fallback in JavaScript. */
export type NativeSecp256k1 = {
  ecdsaRecover(rs: Uint8Array, recoveryId: number, digest: Uint8Array, compressed: boolean): Uint8Array;
  publicKeyCreate(privateKey: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(digest: Uint8Array, privateKey: Uint8Array): { signature: Uint8Array; recid: number };
};

/** By libsecp256k1, compiled for this machine. */
export function createNativeEngine(secp256k1: NativeSecp256k1): SignatureEngine {
  return {
    name: "native",
    recover(digest, rs, yParity) {
      try {
        return secp256k1.ecdsaRecover(rs, yParity, digest, false);
      } catch {
        return null;
      }
    },
    publicKey: (privateKey) => secp256k1.publicKeyCreate(privateKey, false),
    sign(digest, privateKey) {
      const { signature, recid } = secp256k1.ecdsaSign(digest, privateKey);
      return compactOf(signature, recid);
    },
  };
}
