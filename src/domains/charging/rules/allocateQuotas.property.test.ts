import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocateQuotas, betaOf } from "./allocateQuotas.ts";

const demandsW = fc.array(fc.integer({ min: 0, max: 500_000 }), { maxLength: 40 });
const marginW = fc.integer({ min: 0, max: 5_000_000 });
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
const numbered = (watts: readonly number[]) => watts.map((demandW, i) => ({ member: i + 1, demandW }));
const quotasOf = (watts: readonly number[], margin: number) => [
  ...allocateQuotas({ demands: numbered(watts), marginW: margin }).quotasW.values(),
];

describe("allocateQuotas", () => {
  it("gives the margin when rationed, else the demand (R9.5)", () => {
    fc.assert(
      fc.property(demandsW, marginW, (demands, margin) => {
        const quotas = quotasOf(demands, margin);
        const total = sum(demands);
        expect(sum(quotas)).toBe(Math.min(total, margin));
        if (total <= margin) expect(quotas).toEqual(demands);
      }),
    );
  });

  it("is within a W of the exact share, and never above the demand", () => {
    fc.assert(
      fc.property(demandsW, marginW, (demands, margin) => {
        const total = sum(demands);
        fc.pre(total > margin);
        quotasOf(demands, margin).forEach((quotaW, station) => {
          const exactW = (demands[station]! * margin) / total;
          expect(Math.abs(quotaW - exactW)).toBeLessThan(1);
          expect(quotaW).toBeLessThanOrEqual(demands[station]!);
        });
      }),
    );
  });

  it("does not depend on the order in which demands came", () => {
    fc.assert(
      fc.property(demandsW, marginW, fc.gen(), (demands, margin, gen) => {
        const shuffled = numbered(demands)
          .map((demand) => ({ demand, key: gen(fc.integer) }))
          .sort((a, b) => a.key - b.key)
          .map(({ demand }) => demand);
        const straight = allocateQuotas({ demands: numbered(demands), marginW: margin });
        expect(allocateQuotas({ demands: shuffled, marginW: margin })).toEqual(straight);
      }),
    );
  });

  it("is told by the cut alone", () => {
    fc.assert(
      fc.property(demandsW, marginW, (demands, margin) => {
        const allocation = allocateQuotas({ demands: numbered(demands), marginW: margin });
        fc.pre(allocation.isRationed);
        const total = BigInt(allocation.totalDemandW);
        for (const { member, demandW } of numbered(demands)) {
          const product = BigInt(demandW) * BigInt(margin);
          const remainder = product % total;
          const isAbove = remainder > allocation.cutRemainder;
          const isAt = remainder === allocation.cutRemainder && member <= allocation.cutMember;
          expect(allocation.quotasW.get(member)).toBe(Number(product / total) + (isAbove || isAt ? 1 : 0));
        }
      }),
    );
  });

  it("gives a W left over to the largest remainder, of equal ones to the lower number", () => {
    expect(quotasOf([1, 1, 1], 2)).toEqual([1, 1, 0]);
    expect(quotasOf([1, 4], 3)).toEqual([1, 2]);
  });

  it("divides nothing among nobody, and everything that is asked for (R9.5)", () => {
    expect(allocateQuotas({ demands: [], marginW: 5 }).isRationed).toBe(false);
    expect(betaOf({ totalDemandW: 0 }, 0)).toBe(1);
    expect(betaOf({ totalDemandW: 390_000 }, 390_000)).toBe(1);
    expect(betaOf({ totalDemandW: 390_000 }, 343_000)).toBe(343 / 390);
  });
});
