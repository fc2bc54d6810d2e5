import { secp256k1 } from "@noble/curves/secp256k1.js";
import { compactOf, type SignatureEngine } from "./signatureEngine.ts";

/** By @noble/curves: plain JavaScript, which runs everywhere, and some twenty times slower than the native library. */
export const nobleEngine: SignatureEngine = {
  name: "noble",
  recover(digest, rs, yParity) {
    try {
      const signature = secp256k1.Signature.fromBytes(rs, "compact").addRecoveryBit(yParity);
      return signature.recoverPublicKey(digest).toBytes(false);
    } catch {
      return null;
    }
  },
  publicKey: (privateKey) => secp256k1.getPublicKey(privateKey, false),
  sign(digest, privateKey) {
    const recovered = secp256k1.sign(digest, privateKey, { prehash: false, format: "recovered" });
    return compactOf(recovered.subarray(1), recovered[0] ?? 0);
  },
};
