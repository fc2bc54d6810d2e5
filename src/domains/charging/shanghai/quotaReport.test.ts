import { describe, expect, it } from "vitest";
import { computeCase, feeOnFirstQuota } from "./quotaOutcome.ts";
import { errataOf, sumMicro } from "./quotaReport.ts";
import { byStation, MARGINS_KW, PRINTED, STATIONS } from "./shanghaiCase.ts";

const INTERVAL_SECONDS = 900;
const micro = (tokens: number) => BigInt(Math.round(tokens * 1e6));
const run = (marginW: number, pricing: "midpoint" | "uniform") =>
  computeCase({ marginW, pricing, intervalSeconds: INTERVAL_SECONDS });

describe("the case of Shanghai", () => {
  it("has the quotas of Table 2 with 323 kW, within 0.01 kW (R9.20)", () => {
    const { quotasW } = run(323_000, "midpoint");
    for (const name of STATIONS)
      expect(Math.abs(quotasW[name] / 1_000 - PRINTED.quotasKw[name])).toBeLessThan(0.01);
    expect(STATIONS.reduce((sum, name) => sum + quotasW[name], 0)).toBe(323_000);
  });

  it.each([
    ["midpoint", [0, 149.5, -151.9, 240, 70.4, -162, 0, -146]],
    ["uniform", [0, 149.5, -151.8, 250.7, 73.6, -165.6, 0, -156.4]],
  ] as const)("has the payments of E9.6 (AMB-28), exactly, with either margin: %s", (pricing, tokens) => {
    for (const marginKw of MARGINS_KW) {
      const { paymentMicro } = run(marginKw * 1_000, pricing);
      expect(paymentMicro).toEqual(byStation((_, i) => micro(tokens[i]!)));
      expect(sumMicro(paymentMicro)).toBe(0n);
    }
  });

  it("has β = 343/390 with 343 kW, and the printed one with 323", () => {
    expect(run(343_000, "midpoint").beta).toBe(343 / 390);
    expect(run(323_000, "midpoint").beta.toFixed(2)).toBe(String(PRINTED.beta));
  });

  it("has the trades of Algorithm 1 (R9.9), of quota in W at a price a kW (E9.10, AMB-33)", () => {
    const { trades } = run(323_000, "midpoint");
    expect(
      trades.map(({ buyer, seller, quotaW, priceMicroPerKw }) => [buyer, seller, quotaW, priceMicroPerKw]),
    ).toEqual([
      ["E", "H", 3_200, 22_000_000],
      ["D", "H", 3_600, 21_000_000],
      ["D", "F", 7_200, 22_500_000],
      ["D", "C", 100, 24_000_000],
      ["B", "C", 6_500, 23_000_000],
    ]);
  });

  it("has the printed fees on the book's basis, and half of them in half an hour (E9.3, E9.4)", () => {
    for (const name of STATIONS) {
      const whole = feeOnFirstQuota(name, 323_000, 1);
      expect(Number(whole) / 1e6).toBeCloseTo(PRINTED.feeTokens[name], 2);
      expect(Math.abs(Number(whole - 2n * feeOnFirstQuota(name, 323_000, 0.5)))).toBeLessThanOrEqual(2);
    }
  });

  it("pays for what was drawn, within the rounding of a meter of E9.4's figures", () => {
    const { feeMicro, penaltyMicro } = run(323_000, "midpoint");
    const exact = [1_669.66, 2_590.22, 1_578.34, 3_671.45, 1_570.58, 2_657.85, 2_504.49, 1_845.42];
    STATIONS.forEach((name, i) => {
      // A W is half a Wh here, and a meter reads whole ones: 1 Wh is 0.112 tokens.
      expect(Math.abs(Number(feeMicro[name]) / 1e6 - exact[i]!)).toBeLessThan(0.112);
      expect(penaltyMicro[name]).toBe(0n);
    });
  });
});

describe("errataOf", () => {
  it("computes what the book prints wrong", () => {
    const errata = new Map(errataOf().map((erratum) => [erratum.id, erratum]));
    expect(errata.get("E9.1")?.computed).toBe("343 kW gives β 0.8795, 323 kW gives 0.8282");
    expect(errata.get("E9.2")).toMatchObject({ printed: "Σ of Table 2 322.99 kW", computed: "323.000 kW" });
    expect(errata.get("E9.5")?.printed).toBe("Σ of payments -149.5 tokens; B 73.6, C -225.4");
    expect(errata.get("E9.5")?.computed).toBe("Σ 0; B 149.5, C -151.8 at 23 tokens");
    expect(errata.get("E9.4")?.computed).toContain("on the first quota A 1669.66, Σ 18088;");
  });
});
