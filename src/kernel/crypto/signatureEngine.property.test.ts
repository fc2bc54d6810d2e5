import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { expect, it } from "vitest";
import { bytes32, keys } from "#domains/pool/check/evidence.fixture.ts";
import { engine } from "#signatureEngine";
import { loadNativeEngine, loadWasmEngine } from "./engineOfNode.ts";
import { fromHex, numberOf, toHex, wordOf } from "./hex.ts";
import { nobleEngine } from "./nobleEngine.ts";
import { addressOfKey, recoverSigner, signDigest } from "./signature.ts";
import { compactOf, type SignatureEngine } from "./signatureEngine.ts";

const N = secp256k1.Point.Fn.ORDER;
const HALF = N / 2n;
const native = await loadNativeEngine().catch(() => null);
const engines: readonly SignatureEngine[] = [
  nobleEngine,
  await loadWasmEngine(),
  ...(native ? [native] : []),
];

const digests = bytes32.map(fromHex);
const scalars = bytes32.map((hex) => (BigInt(hex) % (N - 1n)) + 1n);
const parities = fc.constantFrom(0 as const, 1 as const);

/** What each engine makes of a signature; they must not differ. */
function recoverByAll(digest: Uint8Array, rs: Uint8Array, yParity: 0 | 1): string | null {
  const [first = null, ...others] = engines.map((one) => {
    const publicKey = one.recover(digest, rs, yParity);
    return publicKey && toHex(publicKey);
  });
  for (const other of others) expect(other).toBe(first);
  return first;
}

function rsOf(r: bigint, s: bigint): Uint8Array {
  return Uint8Array.from([...wordOf(r), ...wordOf(s)]);
}

function wide(signature: Uint8Array): { rs: Uint8Array; yParity: 0 | 1 } {
  const rs = Uint8Array.from(signature);
  rs[32] = (rs[32] ?? 0) & 0x7f;
  return { rs, yParity: (signature[32] ?? 0) >= 0x80 ? 1 : 0 };
}

/** r and s of a signature, its recovery bit, and the key's owner. */
const signatures = fc.record({ digest: digests, key: keys }).map(({ digest, key }) => {
  const { rs, yParity } = wide(signDigest(digest, key));
  return { digest, key, r: numberOf(rs.subarray(0, 32)), s: numberOf(rs.subarray(32)), yParity };
});

it("the program computes with the fastest library that loads here", (context) => {
  if (!native) context.skip("no binary of secp256k1 fits this machine");
  expect(engine.name).toBe("native");
});

it("all libraries sign the same bytes, with s in the lower half", () => {
  fc.assert(
    fc.property(digests, keys, (digest, key) => {
      const signed = engines.map((one) => toHex(one.sign(digest, key)));
      expect(new Set(signed).size).toBe(1);
      expect(BigInt.asUintN(255, BigInt(signed[0] ?? ""))).toBeLessThanOrEqual(HALF);
      expect(new Set(engines.map((one) => toHex(one.publicKey(key)))).size).toBe(1);
    }),
    { numRuns: 40 },
  );
});

it("digests of zero, of the order and above are signed as noble signs them, and recovered alike", () => {
  const key = wordOf(77);
  for (const digest of [0n, 1n, N - 1n, N, N + 1n, 2n ** 256n - 1n].map((value) => wordOf(value))) {
    const signature = signDigest(digest, key);
    expect(toHex(signature)).toBe(toHex(nobleEngine.sign(digest, key)));
    expect(recoverSigner(digest, signature)).toBe(addressOfKey(key));
    const { rs, yParity } = wide(signature);
    expect(recoverByAll(digest, rs, yParity)).toBe(toHex(nobleEngine.publicKey(key)));
  }
});

it("no library signs with a key that is none", () => {
  for (const key of [wordOf(0), wordOf(N), wordOf(2n ** 256n - 1n), new Uint8Array(31).fill(1)]) {
    for (const one of engines) {
      expect(() => one.sign(wordOf(1), key)).toThrow();
      expect(() => one.publicKey(key)).toThrow();
    }
  }
});

it("all libraries recover the signer, and of the other recovery bit the same stranger", () => {
  fc.assert(
    fc.property(signatures, ({ digest, key, r, s, yParity }) => {
      const signer = toHex(nobleEngine.publicKey(key));
      expect(recoverByAll(digest, rsOf(r, s), yParity)).toBe(signer);
      expect(recoverByAll(digest, rsOf(r, s), (1 - yParity) as 0 | 1)).not.toBe(signer);
    }),
    { numRuns: 40 },
  );
});

it("a malleated signature, n − s with the other bit, is its signer's in all libraries", () => {
  fc.assert(
    fc.property(signatures, ({ digest, key, r, s, yParity }) => {
      const other = (1 - yParity) as 0 | 1;
      expect(recoverByAll(digest, rsOf(r, N - s), other)).toBe(toHex(nobleEngine.publicKey(key)));
    }),
    { numRuns: 40 },
  );
});

it("any r and s within the order are the same key's, or nobody's, in all libraries", () => {
  let [signers, refusals] = [0, 0];
  fc.assert(
    fc.property(digests, scalars, scalars, parities, (digest, r, s, yParity) => {
      if (recoverByAll(digest, rsOf(r, s), yParity) === null) refusals += 1;
      else signers += 1;
    }),
    { seed: 8, numRuns: 200 },
  );
  // Half of all numbers are the x of a point of the curve.
  expect(Math.min(signers, refusals)).toBeGreaterThan(50);
});

it("a signature that gives the point at infinity is nobody's", () => {
  fc.assert(
    fc.property(scalars, scalars, (k, s) => {
      const point = secp256k1.Point.BASE.multiply(k).toAffine();
      const [r, digest] = [point.x % N, wordOf((s * k) % N)];
      expect(recoverByAll(digest, rsOf(r, s), Number(point.y & 1n) as 0 | 1)).toBeNull();
    }),
    { numRuns: 30 },
  );
});

it("with the few high s that 255 bits hold, a compact signature is still its signer's", () => {
  fc.assert(
    fc.property(digests, scalars, fc.bigInt({ min: HALF + 1n, max: 2n ** 255n - 1n }), (digest, k, s) => {
      const point = secp256k1.Point.BASE.multiply(k).toAffine();
      const [r, yParity] = [point.x % N, Number(point.y & 1n) as 0 | 1];
      const publicKey = recoverByAll(digest, rsOf(r, s), yParity);
      expect(publicKey).not.toBeNull();
      expect(recoverSigner(digest, compactOf(rsOf(r, s), yParity))).not.toBeNull();
    }),
    { numRuns: 30 },
  );
});

it("r or s of zero, of the order or above it are refused before any library sees them", () => {
  const { digest, signature } = signed();
  const outside = [0n, N, N + 1n, 2n ** 256n - 1n];
  for (const value of outside) {
    const withR = Uint8Array.from(signature);
    withR.set(wordOf(value), 0);
    expect(recoverSigner(digest, withR)).toBeNull();
  }
  for (const vs of [0n, 2n ** 255n]) {
    const withS = Uint8Array.from(signature);
    withS.set(wordOf(vs), 32);
    expect(recoverSigner(digest, withS)).toBeNull();
  }
});

it("bytes too few or too many, of a signature or a digest, are nobody's", () => {
  const { digest, signature } = signed();
  for (let length = 0; length < 64; length += 1)
    expect(recoverSigner(digest, signature.slice(0, length))).toBeNull();
  expect(recoverSigner(digest, Uint8Array.from([...signature, 0]))).toBeNull();
  for (const length of [0, 31, 33])
    expect(recoverSigner(new Uint8Array(length).fill(1), signature)).toBeNull();
});

it("the caller's bytes stay as they are", () => {
  const { digest, signature } = signed();
  const before = [toHex(digest), toHex(signature)];
  recoverSigner(digest, signature);
  for (const one of engines) one.recover(digest, signature.subarray(0, 64), 0);
  expect([toHex(digest), toHex(signature)]).toEqual(before);
});

function signed(): { digest: Uint8Array; signature: Uint8Array } {
  const digest = wordOf(123_456);
  return { digest, signature: signDigest(digest, wordOf(99)) };
}
