import fc from "fast-check";
import { expect, it } from "vitest";
import {
  blendPrice,
  expectLocalShare,
  expectPrices,
  forecastError,
  isForecast,
  sameTimes,
  withVat,
} from "./priceOutlook.ts";

const PER_DAY = 4;
const CURRENT = 100;
const calendar = { perDay: PER_DAY, current: CURRENT };

it("takes a cleared interval's price, the same time's mean, and no trade where there never is one (R2.50)", () => {
  const shown = new Map<number, bigint | null>([
    [100, 50n],
    [97, 10n],
    [93, 21n],
    [89, null],
    [98, null],
    [99, 40n],
  ]);
  const expected = expectPrices(shown, { ...calendar, first: 100, count: 4 });
  expect(expected).toEqual([
    { intervalId: 100, basis: "cleared", localMicroPerKwh: 50n },
    { intervalId: 101, basis: "sameTime", localMicroPerKwh: 16n },
    { intervalId: 102, basis: "seldom", localMicroPerKwh: null },
    { intervalId: 103, basis: "sameTime", localMicroPerKwh: 40n },
  ]);
  expect(expected.map(isForecast)).toEqual([false, true, true, true]);
});

it("expects the newest price before there is an earlier day, and nothing before there is a price", () => {
  const asked = { ...calendar, first: 101, count: 1 };
  expect(expectPrices(new Map([[100, 7n]]), asked)).toMatchObject([
    { basis: "newest", localMicroPerKwh: 7n },
  ]);
  expect(expectPrices(new Map(), asked)).toMatchObject([{ basis: "none", localMicroPerKwh: null }]);
});

it("never looks at an interval that is still to come", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: CURRENT, max: CURRENT + 700 }),
      fc.integer({ min: 1, max: 96 }),
      (id, perDay) => {
        const ids = sameTimes(id, { perDay, current: CURRENT });
        expect(ids).toHaveLength(7);
        for (const each of ids) {
          expect(each).toBeLessThanOrEqual(CURRENT);
          expect((id - each) % perDay).toBe(0);
        }
        expect(Math.max(...ids)).toBeGreaterThan(Math.min(CURRENT, id - 1) - perDay);
      },
    ),
  );
});

it("has no error where each day is as the one before, and the step's size where prices rise by it", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -1_000_000n, max: 1_000_000n }),
      fc.array(fc.bigInt({ min: -500_000n, max: 500_000n }), { minLength: PER_DAY, maxLength: PER_DAY }),
      (step, day) => {
        const shown = new Map<number, bigint | null>();
        for (let id = CURRENT - 2 * PER_DAY; id < CURRENT; id += 1)
          shown.set(id, day[id % PER_DAY]! + (id >= CURRENT - PER_DAY ? step : 0n));
        const span = { perDay: PER_DAY, from: CURRENT - PER_DAY, to: CURRENT };
        expect(forecastError(shown, span)).toEqual({
          intervals: PER_DAY,
          meanAbsoluteMicroPerKwh: step < 0n ? -step : step,
          meanMicroPerKwh: -step,
          misjudged: 0,
        });
      },
    ),
  );
});

it("counts intervals in which a trade was expected and was none, or the reverse", () => {
  const shown = new Map<number, bigint | null>([
    [92, 5n],
    [96, null],
    [93, null],
    [97, 8n],
  ]);
  const span = { perDay: PER_DAY, from: 96, to: 100 };
  expect(forecastError(shown, span)).toMatchObject({
    intervals: 0,
    meanAbsoluteMicroPerKwh: null,
    misjudged: 2,
  });
});

it("blends between the two prices, and is one of them where all or nothing is local", () => {
  const price = fc.bigInt({ min: -2_000_000n, max: 2_000_000n });
  fc.assert(
    fc.property(price, price, fc.bigInt({ min: 0n, max: 1_000n }), (local, supplier, sharePermille) => {
      const blended = blendPrice({ sharePermille, localMicroPerKwh: local, supplierMicroPerKwh: supplier });
      const [low, high] = local < supplier ? [local, supplier] : [supplier, local];
      expect(blended >= low && blended <= high).toBe(true);
      if (sharePermille === 0n) expect(blended).toBe(supplier);
      if (sharePermille === 1_000n) expect(blended).toBe(local);
    }),
  );
});

it("takes the local share of the same time of earlier days together, 0 without energy", () => {
  const energy = new Map([
    [97, { allWh: 300n, localWh: 100n }],
    [93, { allWh: 100n, localWh: 100n }],
    [98, { allWh: 500n, localWh: 0n }],
  ]);
  expect(expectLocalShare(energy, 101, calendar)).toBe(500n);
  expect(expectLocalShare(energy, 102, calendar)).toBe(0n);
  expect(expectLocalShare(energy, 103, calendar)).toBe(0n);
});

it("adds tax to the nearest micro", () => {
  expect(withVat(100_003n, 2_000)).toBe(120_004n);
  expect(withVat(-100_000n, 810)).toBe(-108_100n);
  expect(withVat(123n, 0)).toBe(123n);
});
