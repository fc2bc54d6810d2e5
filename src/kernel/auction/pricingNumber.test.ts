import { expect, it } from "vitest";
import { PRICING_NUMBER, pricingOf } from "./pricingNumber.ts";

it("numbers the pricing rules as the contract does, and names them by their numbers", () => {
  expect(PRICING_NUMBER).toEqual({ uniform: 0, midpoint: 1, marginal: 2 });
  expect([0, 1, 2].map(pricingOf)).toEqual(["uniform", "midpoint", "marginal"]);
  expect(() => pricingOf(3)).toThrow("pricing rule 3");
});
