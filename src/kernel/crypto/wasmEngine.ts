import { present } from "#kernel/units/assert.ts";
import { compactOf, type SignatureEngine } from "./signatureEngine.ts";

/** What of the package tiny-secp256k1 is used. */
export type WasmSecp256k1 = {
  recover(digest: Uint8Array, rs: Uint8Array, recoveryId: 0 | 1, compressed: boolean): Uint8Array | null;
  pointFromScalar(privateKey: Uint8Array, compressed: boolean): Uint8Array | null;
  signRecoverable(digest: Uint8Array, privateKey: Uint8Array): { signature: Uint8Array; recoveryId: number };
};

/** By libsecp256k1 as WebAssembly: where no binary fits the machine, and in a browser. */
export function createWasmEngine(secp256k1: WasmSecp256k1): SignatureEngine {
  return {
    name: "wasm",
    recover(digest, rs, yParity) {
      try {
        return secp256k1.recover(digest, rs, yParity, false);
      } catch {
        return null;
      }
    },
    publicKey: (privateKey) =>
      present(secp256k1.pointFromScalar(privateKey, false), "the public key of a private one"),
    sign(digest, privateKey) {
      const { signature, recoveryId } = secp256k1.signRecoverable(digest, privateKey);
      return compactOf(signature, recoveryId);
    },
  };
}
