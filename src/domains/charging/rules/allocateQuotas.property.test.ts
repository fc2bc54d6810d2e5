import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocateQuotas } from "./allocateQuotas.ts";

const demandsW = fc.array(fc.bigInt({ min: 0n, max: 500_000n }), { maxLength: 40 });
const marginW = fc.bigInt({ min: 0n, max: 5_000_000n });
const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

describe("allocateQuotas", () => {
  it("gives the margin when rationed, else the demand", () => {
    fc.assert(
      fc.property(demandsW, marginW, (demands, margin) => {
        const quotas = allocateQuotas({ demandsW: demands, marginW: margin });
        const total = sum(demands);
        expect(sum(quotas)).toBe(total < margin ? total : margin);
        if (total <= margin) expect(quotas).toEqual(demands);
      }),
    );
  });

  it("is within a W of the exact share, and never above the demand", () => {
    fc.assert(
      fc.property(demandsW, marginW, (demands, margin) => {
        const total = sum(demands);
        fc.pre(total > margin);
        allocateQuotas({ demandsW: demands, marginW: margin }).forEach((quotaW, station) => {
          const shareTimesTotal = demands[station]! * margin;
          expect(quotaW * total).toBeGreaterThan(shareTimesTotal - total);
          expect(quotaW * total).toBeLessThan(shareTimesTotal + total);
          expect(quotaW).toBeLessThanOrEqual(demands[station]!);
        });
      }),
    );
  });

  it("gives a W left over to the largest remainder, of equal ones to the earlier station", () => {
    expect(allocateQuotas({ demandsW: [1n, 1n, 1n], marginW: 2n })).toEqual([1n, 1n, 0n]);
    expect(allocateQuotas({ demandsW: [1n, 4n], marginW: 3n })).toEqual([1n, 2n]);
  });

  it("divides 323 kW among the eight stations of Shanghai (R9.20, E9.1)", () => {
    const demands = [36n, 48n, 42n, 66n, 30n, 66n, 54n, 48n].map((kW) => kW * 1_000n);
    expect(allocateQuotas({ demandsW: demands, marginW: 323_000n })).toEqual([
      29_815n,
      39_754n,
      34_785n,
      54_662n,
      24_846n,
      54_661n,
      44_723n,
      39_754n,
    ]);
  });
});
