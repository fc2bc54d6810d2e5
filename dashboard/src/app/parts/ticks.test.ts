import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roundTicks, scaleTicks, tickText } from "./ticks.ts";

function texts(from: number, to: number, most: number, leastStep?: number): string[] {
  const { values, decimals } = roundTicks({ from, to, most, ...(leastStep ? { leastStep } : {}) });
  return values.map((value) => tickText(value, decimals));
}

describe("roundTicks", () => {
  it.each([
    [0, 0.35, 4, ["0.0", "0.1", "0.2", "0.3"]],
    [0, 0.012, 4, ["0.000", "0.005", "0.010"]],
    [0, 1.06, 5, ["0.0", "0.5", "1.0"]],
    [0, 4_200, 4, ["0", "2,000", "4,000"]],
    [0, 0.3, 3, ["0.0", "0.1", "0.2", "0.3"]],
  ])("marks %f to %f with round numbers", (from, to, most, words) => {
    expect(texts(from, to, most)).toEqual(words);
  });

  it("keeps signs, and gives zero none", () => {
    expect(texts(-0.25, 0.1, 4)).toEqual(["-0.2", "-0.1", "0.0", "0.1"]);
    expect(texts(-0.9, -0.1, 4)).toEqual(["-0.8", "-0.6", "-0.4", "-0.2"]);
  });

  it("goes in whole steps where half of one means nothing", () => {
    expect(texts(0, 2, 5, 1)).toEqual(["0", "1", "2"]);
  });

  it.each([
    [0, 0],
    [3, 1],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
  ])("marks nothing from %f to %f", (from, to) => {
    expect(roundTicks({ from, to, most: 5 }).values).toEqual([]);
  });

  it("never repeats a label, stays within, and is not crowded", () => {
    const amount = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const size = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(amount, size, fc.integer({ min: 1, max: 12 }), (from, span, most) => {
        fc.pre(span > Math.abs(from) * 1e-6);
        const to = from + span;
        const { values, decimals } = roundTicks({ from, to, most });
        const words = values.map((value) => tickText(value, decimals));
        expect(new Set(words).size).toBe(words.length);
        expect(values.length).toBeLessThanOrEqual(most + 1);
        for (const [i, value] of values.entries()) {
          expect(Number(words[i]?.replaceAll(",", ""))).toBe(value);
          expect(value).toBeGreaterThanOrEqual(from - span * 1e-6);
          expect(value).toBeLessThanOrEqual(to + span * 1e-6);
        }
      }),
    );
  });
});

it("never leaves a mark alone, so that the size of what is shown can be read", () => {
  const flat = { from: -0.045, to: 0.03, most: 2 };
  expect(roundTicks(flat).values).toEqual([0]);
  expect(scaleTicks(flat).values).toEqual([-0.04, -0.02, 0, 0.02]);
  expect(scaleTicks({ ...flat, most: 6 })).toEqual(roundTicks({ ...flat, most: 6 }));
  expect(scaleTicks({ from: 0, to: 0.5, most: 2, leastStep: 1 }).values).toEqual([0]);
});
