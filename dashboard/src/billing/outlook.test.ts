import { describe, expect, it } from "vitest";
import { comparePeriods, forecastMonth } from "./outlook.ts";

const day = (micro: bigint, intervals = 96) => ({ micro, intervals });

describe("the forecast of a month's bill", () => {
  it("takes the days as they were, and the rest at the mean of the whole ones", () => {
    const days = [day(50n, 20), day(100n), day(200n), day(300n)];
    expect(forecastMonth(days, 10)).toEqual({
      micro: 650n + 2_000n,
      soFarMicro: 650n,
      restMicro: 2_000n,
      meanMicro: 200n,
      wholeDays: 3,
      daysLeft: 10,
    });
  });

  it("is not known from fewer than three whole days", () => {
    expect(forecastMonth([day(1n), day(2n)], 20)).toBeNull();
    expect(forecastMonth([day(1n), day(2n), day(3n, 10)], 20)).toBeNull();
    expect(forecastMonth([], 30)).toBeNull();
  });

  it("rounds to the payer's side, of what is earned too", () => {
    expect(forecastMonth([day(1n), day(1n), day(2n)], 1)?.micro).toBe(4n + 2n);
    expect(forecastMonth([day(-1n), day(-1n), day(-2n)], 1)?.micro).toBe(-4n - 1n);
  });
});

describe("a time against the one before", () => {
  it("says more, less or the same", () => {
    expect(comparePeriods(day(30n), day(10n))).toEqual({ kind: "more", differenceMicro: 20n });
    expect(comparePeriods(day(-30n), day(10n))).toEqual({ kind: "less", differenceMicro: 40n });
    expect(comparePeriods(day(10n), day(10n)).kind).toBe("same");
  });

  it("compares nothing with a time of which little is known", () => {
    expect(comparePeriods(day(30n), day(10n, 40)).kind).toBe("unknown");
    expect(comparePeriods(day(30n), day(0n, 0)).kind).toBe("unknown");
  });
});
