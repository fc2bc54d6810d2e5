import { expect, it } from "vitest";
import { forecastPrice } from "./priceForecast.ts";

it("expects the mean of the same time on earlier days, to a whole micro per kWh", () => {
  expect(forecastPrice({ sameTime: [170_000n, 181_001n], newest: 90_000n })).toEqual({
    basis: "sameTime",
    priceMicroPerKwh: 175_501n,
    days: 2,
  });
  expect(forecastPrice({ sameTime: [-5n, -6n], newest: null })).toMatchObject({ priceMicroPerKwh: -5n });
});

it("expects the newest price before there is an earlier day, and nothing before there is any", () => {
  expect(forecastPrice({ sameTime: [], newest: 90_000n })).toEqual({
    basis: "newest",
    priceMicroPerKwh: 90_000n,
  });
  expect(forecastPrice({ sameTime: [], newest: null })).toEqual({ basis: "none" });
});
