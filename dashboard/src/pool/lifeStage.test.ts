import { expect, it } from "vitest";
import { lifeStage } from "./lifeStage.ts";

const readings = (version: number) => ({
  root: `0x${"11".repeat(32)}`,
  version,
  meters: 24,
  publishedAt: 2_000,
});
const interval = (status: Parameters<typeof lifeStage>[0]["status"], version: number | null = null) => ({
  status,
  startsAt: 1_000,
  endsAt: 1_900,
  readings: version === null ? null : readings(version),
});

it.each([
  ["collecting", null, 999, "collecting orders"],
  ["collecting", null, 1_000, "delivering"],
  ["clearing", null, 999, "cleared"],
  ["cleared", null, 999, "cleared"],
  ["cleared", null, 1_000, "delivering"],
  ["cleared", null, 1_900, "awaiting readings"],
  ["settling", 1, 1_950, "awaiting readings"],
  ["settled", 1, 1_950, "settled"],
  ["settled", 2, 1_950, "corrected"],
  ["returning", null, 9_000, "given back"],
  ["returned", 1, 9_000, "given back"],
] as const)("a %s interval with readings of version %s is, at %i s, %s", (status, version, now, stage) => {
  expect(lifeStage(interval(status, version), now)).toBe(stage);
});

it("delivers and reads an interval without a trade as any other, although nothing is to be paid", () => {
  const stages = [999, 1_000, 1_899, 1_900].map((now) => lifeStage(interval("untraded"), now));
  expect(stages).toEqual(["cleared", "delivering", "delivering", "awaiting readings"]);
  expect(lifeStage(interval("untraded", 1), 1_950)).toBe("settled");
});
