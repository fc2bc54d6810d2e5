import fc from "fast-check";
import { expect, it } from "vitest";
import { hasBit, packBits } from "./bitmap.ts";

it("flags are packed 256 a word, and read back", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 800 }), (flags) => {
      const words = packBits(flags);
      expect(words).toHaveLength(Math.ceil(flags.length / 256));
      expect(words.every((word) => word >= 0n && word < 2n ** 256n)).toBe(true);
      expect(flags.map((_, i) => hasBit(words, i))).toEqual(flags);
      expect(hasBit(words, 256 * words.length)).toBe(false);
    }),
  );
});

it("the first flag of a word is its lowest bit", () => {
  const flags = Array.from({ length: 258 }, (_, i) => i === 1 || i === 256);
  expect(packBits(flags)).toEqual([2n, 1n]);
});
