import { describe, expect, it } from "vitest";
import { weiFor } from "./exchange.ts";

describe("weiFor", () => {
  it("makes 100 tokens 1 CNY at any price of an ether (R9.12)", () => {
    const hundredTokens = { tokenMicro: 100_000_000n };
    for (const cny of [1n, 8_000n, 20_000n]) {
      const wei = weiFor({ ...hundredTokens, cnyMicroPerEther: cny * 1_000_000n });
      expect(wei).toBe(10n ** 18n / cny);
    }
    expect(weiFor({ ...hundredTokens, cnyMicroPerEther: 3_000_000n })).toBe(333_333_333_333_333_334n);
  });
});
