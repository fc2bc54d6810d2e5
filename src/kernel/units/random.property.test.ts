import fc from "fast-check";
import { expect, it } from "vitest";
import { normalDeviate, seededRandom } from "./random.ts";

function draw(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
}

it("one seed gives one stream, within [0, 1); seeds count modulo 2³²", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), (seed) => {
      const numbers = draw(seed, 50);
      expect(draw(seed, 50)).toEqual(numbers);
      expect(draw(seed + 2 ** 32, 50)).toEqual(numbers);
      expect(draw(seed + 1, 50)).not.toEqual(numbers);
      expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    }),
  );
});

it("fills ten tenths of [0, 1) alike", () => {
  const counts = new Array<number>(10).fill(0);
  for (const number of draw(7, 100_000)) counts[Math.floor(number * 10)]! += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

it("normal deviates have mean 0 and variance 1, and are never infinite", () => {
  const random = seededRandom(11);
  const deviates = Array.from({ length: 100_000 }, () => normalDeviate(random));
  const mean = deviates.reduce((sum, x) => sum + x, 0) / deviates.length;
  const variance = deviates.reduce((sum, x) => sum + (x - mean) ** 2, 0) / deviates.length;
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  expect(normalDeviate(() => 0)).toBeCloseTo(0, 12);
});
