import fc from "fast-check";
import { parseTransaction, type TransactionSerializableLegacy } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { expect, it } from "vitest";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { signDigest } from "#kernel/crypto/signature.ts";
import { signTransaction } from "./sendIntents.ts";
import { compactSignature, wideSignature } from "./wideSignature.ts";

const scalars = fc.bigInt({ min: 1n, max: 2n ** 255n });

it("a transaction is signed to the same bytes as viem signs it", async () => {
  await fc.assert(
    fc.asyncProperty(scalars, fc.nat(10_000), fc.boolean(), async (key, nonce, deploys) => {
      const transaction: TransactionSerializableLegacy = {
        type: "legacy",
        chainId: 7_000_000_512,
        nonce,
        gas: 5_000_000n,
        gasPrice: 1n,
        to: deploys ? null : `0x${"ab".repeat(20)}`,
        data: toHex(wordOf(nonce)),
      };
      const expected = await privateKeyToAccount(toHex(wordOf(key))).signTransaction(transaction);
      expect(signTransaction(transaction, wordOf(key))).toBe(expected);
      expect(parseTransaction(expected).nonce ?? 0).toBe(nonce);
    }),
    { numRuns: 40 },
  );
});

it("a signature is the same in 64 bytes and as a transaction carries it", () => {
  fc.assert(
    fc.property(scalars, scalars, (digest, key) => {
      const signature = signDigest(wordOf(digest), wordOf(key));
      expect(compactSignature(wideSignature(signature))).toEqual(signature);
    }),
    { numRuns: 40 },
  );
});

it("what 64 bytes cannot hold is no signature", () => {
  const [r, s] = [toHex(wordOf(1)), toHex(wordOf(1))];
  expect(compactSignature({ r, s, yParity: 1 })).not.toBeNull();
  expect(compactSignature({ r, s: toHex(wordOf(2n ** 255n)), yParity: 0 })).toBeNull();
  expect(compactSignature({ r: `0x1${"0".repeat(64)}`, s, yParity: 0 })).toBeNull();
  expect(compactSignature({ r, s, yParity: 2 })).toBeNull();
  expect(compactSignature({ r: "0x", s: "oops" as never, yParity: 0 })).toBeNull();
});
