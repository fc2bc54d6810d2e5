import fc from "fast-check";
import { expect, it } from "vitest";
import { formatKwh } from "./energy.ts";

it.each([
  [0n, "0.00"],
  [5n, "0.005"],
  [420n, "0.42"],
  [1_000n, "1.00"],
  [12_345n, "12.345"],
  [-70n, "-0.07"],
])("%i Wh are %s kWh", (energyWh, text) => {
  expect(formatKwh(energyWh)).toBe(text);
});

it("loses no Wh", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }), (energyWh) => {
      const text = formatKwh(energyWh);
      expect(text).toMatch(/^-?\d+\.\d{2,3}$/);
      const [whole = "", fraction = ""] = text.split(".");
      expect(BigInt(whole + fraction.padEnd(3, "0"))).toBe(energyWh);
    }),
  );
});
