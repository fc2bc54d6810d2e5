import type { LocalEnergy } from "#domains/billing/rules/billLine.ts";

/** What a member traded, and what of it did not go through its meter, whole Wh ≥ 0. */
export type TradedEnergy = {
  readonly boughtWh: number;
  readonly soldWh: number;
  /** Sold net and not exported. */
  readonly shortfallWh: number;
  /** Bought net and not imported. */
  readonly unconsumedWh: number;
};

/**
 * What the pool's trades brought to and took from a member (`docs/model/bills.md`, equation 1): bought net and consumed, sold
 * net and delivered. No more counts than the meter said.
 */
export function localEnergy({ boughtWh, soldWh, shortfallWh, unconsumedWh }: TradedEnergy): LocalEnergy {
  return {
    consumedWh: Math.max(0, boughtWh - soldWh) - unconsumedWh,
    deliveredWh: Math.max(0, soldWh - boughtWh) - shortfallWh,
  };
}
