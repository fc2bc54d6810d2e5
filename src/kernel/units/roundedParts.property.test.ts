import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roundParts, roundTable, roundToNearest } from "./roundedParts.ts";

const CENT = 10_000n;
const money = fc.oneof(
  fc.bigInt({ min: -(2n ** 50n), max: 2n ** 50n }),
  fc.bigInt({ min: -30_000n, max: 30_000n }),
  fc.constant(0n),
);
const total = (values: readonly bigint[]) => values.reduce((sum, value) => sum + value, 0n);
const isBeside = (shown: bigint, exact: bigint) => {
  const off = shown > exact ? shown - exact : exact - shown;
  return shown % CENT === 0n && off < CENT;
};

describe("rounded parts", () => {
  it("add up to their total, which is the nearest; each is beside its exact value", () => {
    fc.assert(
      fc.property(fc.array(money, { maxLength: 12 }), (parts) => {
        const shown = roundParts(parts, { unit: CENT });
        expect(total(shown.parts)).toBe(shown.total);
        expect(shown.total).toBe(roundToNearest(total(parts), CENT));
        shown.parts.forEach((part, i) => {
          expect(isBeside(part, parts[i]!)).toBe(true);
        });
      }),
    );
  });

  it("add up to a total beside the exact one that stands elsewhere", () => {
    fc.assert(
      fc.property(fc.array(money, { minLength: 1, maxLength: 9 }), fc.boolean(), (parts, isUp) => {
        const exact = total(parts);
        const floor = exact - (((exact % CENT) + CENT) % CENT);
        const shown = roundParts(parts, {
          unit: CENT,
          total: isUp && floor !== exact ? floor + CENT : floor,
        });
        expect(total(shown.parts)).toBe(shown.total);
        expect(shown.parts.every((part, i) => isBeside(part, parts[i]!))).toBe(true);
      }),
    );
  });

  it("are 1.64 and 0.01 where one is 1.65, not 1.65 beside 1.64", () => {
    expect(roundParts([1_644_000n, 4_900n], { unit: CENT })).toEqual({
      parts: [1_640_000n, 10_000n],
      total: 1_650_000n,
    });
    expect(roundParts([5_000n, -5_000n], { unit: CENT })).toEqual({ parts: [10_000n, -10_000n], total: 0n });
  });
});

describe("a rounded table", () => {
  it("adds up along every row and down every column, each figure beside its exact value", () => {
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) =>
        fc.array(fc.array(money, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 30 }),
      );
    fc.assert(
      fc.property(table, (rows) => {
        const shown = roundTable(rows, CENT);
        const exact = rows.map((row) => [...row, total(row)]);
        exact.push(exact[0]!.map((_, j) => total(exact.map((row) => row[j]!))));
        shown.forEach((row, i) => {
          expect(total(row.slice(0, -1))).toBe(row.at(-1));
          row.forEach((value, j) => {
            expect(isBeside(value, exact[i]![j]!)).toBe(true);
          });
        });
        shown[0]!.forEach((_, j) => {
          expect(total(shown.slice(0, -1).map((row) => row[j]!))).toBe(shown.at(-1)![j]);
        });
      }),
    );
  });
});
