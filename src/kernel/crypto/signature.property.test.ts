import fc from "fast-check";
import { recoverAddress } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { expect, it } from "vitest";
import { bytes32, flipBit, keys, wideSignature } from "#domains/pool/check/evidence.fixture.ts";
import { fromHex, toHex } from "./hex.ts";
import { addressOfKey, recoverSigner, signDigest } from "./signature.ts";

it("an address is the one that viem derives", () => {
  fc.assert(
    fc.property(keys, (key) => {
      expect(addressOfKey(key)).toBe(privateKeyToAddress(toHex(key)).toLowerCase());
    }),
  );
});

it("a signature recovers to its signer, here and with viem", async () => {
  await fc.assert(
    fc.asyncProperty(bytes32, keys, async (digest, key) => {
      const signature = signDigest(fromHex(digest), key);
      expect(signature).toHaveLength(64);
      expect(recoverSigner(fromHex(digest), signature)).toBe(addressOfKey(key));
      const recovered = await recoverAddress({ hash: digest, signature: toHex(wideSignature(signature)) });
      expect(recovered.toLowerCase()).toBe(addressOfKey(key));
    }),
  );
});

it("the same key signs the same digest alike", () => {
  fc.assert(
    fc.property(bytes32, keys, (digest, key) => {
      expect(toHex(signDigest(fromHex(digest), key))).toBe(toHex(signDigest(fromHex(digest), key)));
    }),
  );
});

it("a signature with a turned bit, or over another digest, is not the signer's", () => {
  fc.assert(
    fc.property(bytes32, keys, fc.nat(511), fc.nat(255), (digest, key, bit, other) => {
      const signature = signDigest(fromHex(digest), key);
      expect(recoverSigner(fromHex(digest), flipBit(signature, bit))).not.toBe(addressOfKey(key));
      expect(recoverSigner(flipBit(fromHex(digest), other), signature)).not.toBe(addressOfKey(key));
    }),
  );
});

it.each([
  ["no bytes", new Uint8Array(0)],
  ["65 bytes", new Uint8Array(65).fill(1)],
  ["zeros", new Uint8Array(64)],
  ["r and s beyond the order of the curve", new Uint8Array(64).fill(0xff)],
])("%s are nobody's signature", (_, signature) => {
  expect(recoverSigner(new Uint8Array(32).fill(7), signature)).toBeNull();
});
