import type { Pricing } from "#kernel/auction/order.ts";

/** Numbers of the pricing rules in the contract. */
export const PRICING_NUMBER = { uniform: 0, midpoint: 1 } as const satisfies Record<Pricing, number>;
