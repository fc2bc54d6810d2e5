import { describe, expect, it } from "vitest";
import { shanghaiTariffAt } from "./tariff.ts";

/** Table 1, tokens per kWh, for each half hour of a day. */
const TABLE_1 = [
  ...Array(12).fill(32),
  ...Array(4).fill(69),
  ...Array(6).fill(112),
  ...Array(14).fill(69),
  ...Array(8).fill(112),
  ...Array(4).fill(32),
];

describe("shanghaiTariffAt", () => {
  it("is Table 1 at every half hour, up to its last second (R9.19)", () => {
    expect(TABLE_1).toHaveLength(48);
    TABLE_1.forEach((tokens, period) => {
      expect(shanghaiTariffAt(period * 1_800)).toBe(BigInt(tokens) * 1_000_000n);
      expect(shanghaiTariffAt(period * 1_800 + 1_799)).toBe(BigInt(tokens) * 1_000_000n);
    });
  });
});
