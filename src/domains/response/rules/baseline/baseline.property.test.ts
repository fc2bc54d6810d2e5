import fc from "fast-check";
import { expect, it } from "vitest";
import { errorsOf } from "./baselineErrors.ts";
import type { BaselineInputs } from "./baselineInputs.ts";
import { BASELINE_METHODS } from "./baselineMethod.ts";
import { commitmentOf } from "./commitment.ts";
import { computeBaseline } from "./computeBaseline.ts";
import { settleEvent } from "./eventSettlement.ts";

const wh = fc.nat(5_000);
const inputs: fc.Arbitrary<BaselineInputs> = fc
  .record({
    loads: fc.array(fc.array(wh, { minLength: 24, maxLength: 24 }), { minLength: 30, maxLength: 30 }),
    coldness: fc.array(fc.integer({ min: -10, max: 30 }), { minLength: 31, maxLength: 31 }),
    beforeNoticeWh: fc.array(wh, { minLength: 15, maxLength: 15 }),
  })
  .map(({ loads, coldness, beforeNoticeWh }) => ({
    intervalSeconds: 3_600,
    date: "2026-10-01",
    from: 17,
    until: 20,
    noticeAt: 15,
    days: loads.map((energyWh, i) => ({
      date: `2026-09-${String(i + 1).padStart(2, "0")}`,
      energyWh,
      temperatureC: new Array<number>(24).fill(coldness[i]!),
      hasEvent: false,
    })),
    holidays: ["2026-09-10"],
    beforeNoticeWh,
    temperatureC: new Array<number>(24).fill(coldness[30]!),
  }));

it("a baseline lies between the least and the most of its days, a fitted line and a factor apart (R8.38)", () => {
  fc.assert(
    fc.property(inputs, (given) => {
      for (const method of BASELINE_METHODS) {
        const result = computeBaseline(method, given);
        if (result.status === "refused") throw new Error(result.sentence);
        expect(result.days).not.toContain("2026-09-10");
        const cap = method.name === "adjustedMean" ? 1 + method.capPermille / 1_000 : 1;
        result.baselineWh.forEach((value, i) => {
          expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
          if (method.name === "temperatureRegression") return;
          const used = given.days
            .filter(({ date }) => result.days.includes(date))
            .map(({ energyWh }) => energyWh[17 + i] ?? 0);
          expect(value).toBeLessThanOrEqual(Math.ceil(Math.max(...used) * cap));
          expect(value).toBeGreaterThanOrEqual(Math.floor(Math.min(...used) * (2 - cap)));
        });
      }
    }),
    { numRuns: 50 },
  );
});

it("any other value gives another commitment; the order of what is written gives the same (R8.38)", () => {
  fc.assert(
    fc.property(inputs, fc.nat(29), fc.nat(23), (given, day, slot) => {
      const [method] = BASELINE_METHODS;
      const { hash } = commitmentOf(method, given);
      const days = given.days.map((each, i) =>
        i === day ? { ...each, energyWh: each.energyWh.with(slot, (each.energyWh[slot] ?? 0) + 1) } : each,
      );
      expect(commitmentOf(method, { ...given, days }).hash).not.toBe(hash);
      expect(commitmentOf({ ...method, days: 9 as 10 }, given).hash).not.toBe(hash);
      const { name, ...parameters } = method;
      expect(commitmentOf({ ...parameters, name }, given).hash).toBe(hash);
    }),
    { numRuns: 30 },
  );
});

it("money is conserved, paid at most as contracted and at most the baseline (R8.43, AMB-21)", () => {
  const energy = fc.bigInt({ min: 0n, max: 10_000n });
  const interval = fc.record({
    contractedWh: energy,
    baselineWh: energy,
    meteredWh: fc.option(energy),
    claimedWh: energy,
    movedWh: fc.option(energy),
  });
  const terms = fc.record({
    direction: fc.constantFrom("down" as const, "up" as const),
    rewardMicroPerKwh: fc.bigInt({ min: 0n, max: 1_000_000n }),
    penaltyMicroPerKwh: fc.bigInt({ min: 0n, max: 1_000_000n }),
    tolerancePermille: fc.bigInt({ min: 0n, max: 1_000n }),
  });
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 8 }), terms, (intervals, agreed) => {
      const settled = settleEvent(intervals, agreed);
      expect(settled.participantMicro + settled.fundMicro).toBe(0n);
      intervals.forEach(({ contractedWh, baselineWh, meteredWh }, i) => {
        const paid = settled.paidWh[i]!;
        expect(paid >= 0n && paid <= contractedWh).toBe(true);
        expect(paid + settled.shortfallWh[i]!).toBe(contractedWh);
        expect(paid <= (agreed.direction === "down" ? baselineWh : (meteredWh ?? 0n))).toBe(true);
      });
    }),
  );
});

it("errors are shares of what was used, and none of nothing", () => {
  expect(errorsOf([{ baselineWh: [110, 130], meteredWh: [100, 100] }])).toEqual({
    bias: 0.2,
    rrmse: Math.sqrt((100 + 900) / 2) / 100,
  });
  expect(errorsOf([{ baselineWh: [5], meteredWh: [0] }])).toBeNull();
});
