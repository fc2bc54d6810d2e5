import fc from "fast-check";
import { expect, it } from "vitest";
import { createExactSums } from "./exactSums.ts";

it("adds up quantity times price exactly, near and beyond what doubles hold", () => {
  const quantity = fc.oneof(
    fc.integer({ min: -5_000, max: 5_000 }),
    fc.integer({ min: -(2 ** 32), max: 2 ** 32 }),
  );
  const price = fc.oneof(fc.integer({ min: -300_000, max: 300_000 }), fc.integer());
  const terms = fc.array(fc.record({ slot: fc.nat(1), quantity, price }), { maxLength: 200 });
  fc.assert(
    fc.property(terms, (list) => {
      const sums = createExactSums(2);
      const expected = [0n, 0n];
      for (const { slot, quantity, price } of list) {
        sums.add(slot, quantity, price);
        expected[slot]! += BigInt(quantity) * BigInt(price);
      }
      expect([sums.total(0), sums.total(1)]).toEqual(expected);
    }),
  );
});
