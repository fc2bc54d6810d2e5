import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costRoundingDown, costRoundingUp, exactCost, formatExactMicro, formatMicro } from "./money.ts";

const energyWh = fc.bigInt({ min: 0n, max: 2n ** 48n });
const priceMicroPerKwh = fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n });

describe("the cost of energy", () => {
  it("costs its payer never less than exactly, and gives its payee never more, by less than a micro", () => {
    fc.assert(
      fc.property(fc.record({ energyWh, priceMicroPerKwh }), (amount) => {
        const exact = exactCost(amount);
        const overpaid = costRoundingUp(amount) * 1_000n - exact;
        const underpaid = exact - costRoundingDown(amount) * 1_000n;
        expect(overpaid >= 0n && overpaid < 1_000n).toBe(true);
        expect(underpaid >= 0n && underpaid < 1_000n).toBe(true);
      }),
    );
  });

  it("is the price for one kWh", () => {
    fc.assert(
      fc.property(priceMicroPerKwh, (price) => {
        const kWh = { energyWh: 1_000n, priceMicroPerKwh: price };
        expect([costRoundingUp(kWh), costRoundingDown(kWh)]).toEqual([price, price]);
      }),
    );
  });
});

describe("formatMicro", () => {
  it.each([
    [0n, 3, "0.000"],
    [173_000n, 3, "0.173"],
    [-173_000n, 3, "-0.173"],
    [1_234_567_890n, 2, "1234.57"],
    [999_999n, 2, "1.00"],
    [-1n, 2, "0.00"],
    [5_000n, 2, "0.01"],
    [1_500_000n, 0, "2"],
    [1n, 6, "0.000001"],
  ])("writes %d micro with %d decimals as %s", (micro, decimals, text) => {
    expect(formatMicro(micro, decimals)).toBe(text);
  });

  it("is off by at most half a step, and writes -0 as 0", () => {
    const decimals = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }), decimals, (micro, places) => {
        const text = formatMicro(micro, places);
        const written = BigInt(text.replace(".", "")) * 10n ** BigInt(6 - places);
        const error = written > micro ? written - micro : micro - written;
        expect(2n * error <= 10n ** BigInt(6 - places)).toBe(true);
        expect(/^-0*\.?0*$/.test(text)).toBe(false);
      }),
    );
  });
});

describe("formatExactMicro", () => {
  it.each([
    [0n, "0.000"],
    [173_000n, "0.173"],
    [173_250n, "0.17325"],
    [-1n, "-0.000001"],
    [12_000_000n, "12.000"],
  ])("writes %d micro as %s", (micro, text) => {
    expect(formatExactMicro(micro)).toBe(text);
  });

  it("loses no micro", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), (micro) => {
        const [whole = "", fraction = ""] = formatExactMicro(micro).split(".");
        expect(BigInt(whole + fraction.padEnd(6, "0"))).toBe(micro);
      }),
    );
  });
});
