import type { Pricing } from "#kernel/auction/order.ts";
import { DomainError } from "#kernel/units/domainError.ts";

/** Numbers of the pricing rules in the contract. */
export const PRICING_NUMBER = { uniform: 0, midpoint: 1 } as const satisfies Partial<Record<Pricing, number>>;

/**
 * The number of a pricing rule in the contract.
 *
 * @throws PricingNotOnChainError for a rule that the contract does not know
 */
export function pricingNumber(pricing: Pricing): number {
  if (pricing === "marginal") throw new PricingNotOnChainError(pricing);
  return PRICING_NUMBER[pricing];
}

export class PricingNotOnChainError extends DomainError {
  readonly code = "pricingNotOnChain";

  constructor(pricing: Pricing) {
    super(
      `a market on the chain cannot be priced by the rule "${pricing}" yet: choose uniform or midpoint, or run the scenario in memory`,
    );
  }
}
