import fc from "fast-check";
import { bytesToHex, hexToBytes, numberToHex } from "viem";
import { expect, it } from "vitest";
import { fromHex, numberOf, toHex, wordOf } from "./hex.ts";

it("bytes and their hexadecimal text give each other, as viem writes them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(toHex(bytes)).toBe(bytesToHex(bytes));
      expect([...fromHex(toHex(bytes))]).toEqual([...bytes]);
    }),
  );
});

it("a word is the number in big-endian bytes, in two's complement when negative", () => {
  const number = fc.oneof(
    fc.constantFrom(0n, -1n, 2n ** 255n - 1n, -(2n ** 255n)),
    fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n }),
  );
  fc.assert(
    fc.property(number, (value) => {
      const expected = hexToBytes(numberToHex(value, { size: 32, signed: true }));
      expect([...wordOf(value)]).toEqual([...expected]);
      expect(BigInt.asIntN(256, numberOf(wordOf(value)))).toBe(value);
    }),
  );
});

it("a word of a number is that of the same bigint, in any size", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 33 }), (value, size) => {
      expect(toHex(wordOf(value, size))).toBe(toHex(wordOf(BigInt(value), size)));
    }),
  );
});

it.each([
  [255, 1, "0xff"],
  [-1, 1, "0xff"],
  [256, 2, "0x0100"],
  [-2, 4, "0xfffffffe"],
])("%d in %d bytes is %s", (value, size, hex) => {
  expect(toHex(wordOf(value, size))).toBe(hex);
});
