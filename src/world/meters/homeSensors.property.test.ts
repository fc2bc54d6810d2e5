import fc from "fast-check";
import { expect, it } from "vitest";
import { bestWindow } from "./homeSensors.ts";

it("no window of that length costs less than the best one, and the earliest of equal ones is taken", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -500, max: 900 }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 6 }),
      (prices, hours) => {
        const found = bestWindow(prices, 900, hours);
        const count = 4 * hours;
        if (prices.length < count) {
          expect(found).toBeNull();
          return;
        }
        const sums = Array.from({ length: prices.length - count + 1 }, (_, first) =>
          prices.slice(first, first + count).reduce((total, price) => total + price, 0),
        );
        const least = Math.min(...sums);
        expect(found).toEqual({ first: sums.indexOf(least), count, mean: least / count });
      },
    ),
  );
});
