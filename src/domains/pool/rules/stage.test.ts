import { expect, it } from "vitest";
import { priceState, STAGES } from "./stage.ts";

it("tells a price that is not known yet from one that there is not, and both from zero", () => {
  const states = STAGES.map((stage) => [stage, priceState(stage, null)]);
  expect(Object.fromEntries(states)).toEqual({
    collecting: "pending",
    clearing: "pending",
    cleared: "none",
    untraded: "none",
    settling: "none",
    settled: "none",
    returning: "none",
    returned: "none",
  });
  expect(priceState("cleared", 0n)).toBe("known");
});
