import { expect, it } from "vitest";
import { drawBaselineHomes } from "./baselineHomes.ts";
import { tryBaselines } from "./placeboDays.ts";

const MOST_BIAS = 0.05;

it("groups of 50 generated homes have a bias within ±5 %, by each method (R8.38)", () => {
  const report = tryBaselines(drawBaselineHomes(1), 1);
  expect(report).toMatchObject({ isRecorded: false, homes: 60, groupSize: 50 });
  for (const { groups, worstGroupBias, oneHome } of report.methods) {
    expect(Math.abs(groups?.bias ?? 1)).toBeLessThan(MOST_BIAS);
    expect(Math.abs(worstGroupBias ?? 1)).toBeLessThan(MOST_BIAS);
    expect(groups?.days).toBeGreaterThan(1_000);
    expect(groups?.rrmse ?? 1).toBeLessThan(oneHome?.rrmse ?? 0);
  }
}, 120_000);
