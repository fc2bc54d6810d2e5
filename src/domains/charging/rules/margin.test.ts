import { describe, expect, it } from "vitest";
import { marginW } from "./margin.ts";

describe("marginW", () => {
  it("is the rating less forecast and reserve, and never below zero (R9.4)", () => {
    expect(marginW({ ratingW: 1_000_000, forecastW: 657_000, reserveW: 20_000 })).toBe(323_000);
    expect(marginW({ ratingW: 1_000_000, forecastW: 990_000, reserveW: 20_000 })).toBe(0);
  });
});
