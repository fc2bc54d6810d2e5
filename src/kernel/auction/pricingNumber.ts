import { present } from "#kernel/units/assert.ts";
import type { Pricing } from "./order.ts";

/** Numbers of the pricing rules in the contract (AuctionLib). */
export const PRICING_NUMBER = { uniform: 0, midpoint: 1, marginal: 2 } as const satisfies Record<
  Pricing,
  number
>;

/** The pricing rule that a number of the contract stands for. */
export function pricingOf(number: number): Pricing {
  const names = Object.keys(PRICING_NUMBER) as Pricing[];
  return present(
    names.find((name) => PRICING_NUMBER[name] === number),
    `the name of pricing rule ${number}`,
  );
}
