import { expect, it } from "vitest";
import { outsideBandText } from "./bandWords.ts";

const BAND = { floor: -50_000n, ceiling: 320_000n, unit: "kWh", currency: "EUR" };

it.each([
  [450_000n, "€0.450 per kWh is €0.130 above the highest price here, €0.320"],
  [320_001n, "€0.320 per kWh is less than €0.001 above the highest price here, €0.320"],
  [-60_000n, "-€0.060 per kWh is €0.010 below the lowest price here, -€0.050"],
])("says how far %d lies outside, with its currency", (micro, text) => {
  expect(outsideBandText({ ...BAND, micro })).toBe(text);
});
