import fc from "fast-check";
import { expect, it } from "vitest";
import { openPositionWord, positionWord } from "./positionWord.ts";

const unsigned = (bits: bigint) =>
  fc.oneof(fc.constantFrom(0n, 2n ** bits - 1n), fc.bigInt({ min: 0n, max: 2n ** bits - 1n }));
const signed128 = fc.oneof(
  fc.constantFrom(0n, -1n, 1n, 2n ** 127n - 1n, -(2n ** 127n)),
  fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }),
);
const positions = fc.record({
  account: fc.oneof(fc.constantFrom(0, 2 ** 24 - 1, 2 ** 32 - 1), fc.nat(2 ** 31 - 1)),
  boughtWh: unsigned(48n),
  soldWh: unsigned(48n),
  exactPayment: signed128,
});

it("a position's word opens to the position, whatever its sign and size", () => {
  fc.assert(
    fc.property(positions, (position) => {
      const word = positionWord(position);
      expect(openPositionWord(word)).toEqual(position);
      expect(word >= 0n && word >> 256n === 0n).toBe(true);
    }),
  );
});

it("different positions have different words", () => {
  fc.assert(
    fc.property(positions, positions, (a, b) => {
      const isSame =
        a.account === b.account &&
        a.boughtWh === b.boughtWh &&
        a.soldWh === b.soldWh &&
        a.exactPayment === b.exactPayment;
      expect(positionWord(a) === positionWord(b)).toBe(isSame);
    }),
  );
});
