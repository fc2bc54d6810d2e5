import fc from "fast-check";
import { expect, it } from "vitest";
import { divideRoundingDown, divideRoundingUp } from "./rounding.ts";

const dividend = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n });
const divisor = fc.bigInt({ min: 1n, max: 2n ** 40n });

it("up is the least whole number that is not below the quotient, down the greatest that is not above", () => {
  fc.assert(
    fc.property(dividend, divisor, (a, b) => {
      const up = divideRoundingUp(a, b);
      const down = divideRoundingDown(a, b);
      expect(up * b >= a && (up - 1n) * b < a).toBe(true);
      expect(down * b <= a && (down + 1n) * b > a).toBe(true);
    }),
  );
});

it("up and down mirror each other about zero", () => {
  fc.assert(
    fc.property(dividend, divisor, (a, b) => {
      expect(divideRoundingUp(-a, b)).toBe(-divideRoundingDown(a, b));
    }),
  );
});

it.each([
  [7n, 2n, 4n, 3n],
  [-7n, 2n, -3n, -4n],
  [6n, 2n, 3n, 3n],
  [-6n, 2n, -3n, -3n],
  [0n, 5n, 0n, 0n],
])("%d by %d is %d up and %d down", (a, b, up, down) => {
  expect([divideRoundingUp(a, b), divideRoundingDown(a, b)]).toEqual([up, down]);
});
