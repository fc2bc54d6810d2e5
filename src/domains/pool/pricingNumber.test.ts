import { expect, it } from "vitest";
import { PricingNotOnChainError, pricingNumber } from "./pricingNumber.ts";

it("gives the contract's numbers, and refuses a rule that the contract does not know", () => {
  expect([pricingNumber("uniform"), pricingNumber("midpoint")]).toEqual([0, 1]);
  expect(() => pricingNumber("marginal")).toThrow(PricingNotOnChainError);
});
