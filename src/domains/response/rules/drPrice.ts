import { divideRoundingDown } from "#kernel/units/rounding.ts";

const PERMILLE = 1_000n;

/**
 * The DR price of a slot.
 *
 * @property drMicroPerKwh π^DR, micro per kWh, never negative
 * @property isInfeasible whether no α ≥ 1 keeps α·π below the upstream price, since π lies above it (E7.4)
 */
export type DrPrice = { readonly drMicroPerKwh: number; readonly isInfeasible: boolean };

/**
 * Eq. (2) under eq. (3): nothing while local capacity covers the demand, else min(α·π, π_market) (R7.12, R7.13, E7.4), rounded down. Where
 * a price is negative nobody is to be charged for using less: the DR price is 0.
 */
export function drPriceOf({
  demandWh,
  capacityWh,
  priceMicroPerKwh,
  upstreamMicroPerKwh,
  alphaPermille,
}: {
  readonly demandWh: number;
  readonly capacityWh: number;
  readonly priceMicroPerKwh: number;
  readonly upstreamMicroPerKwh: number;
  readonly alphaPermille: number;
}): DrPrice {
  if (demandWh <= capacityWh) return { drMicroPerKwh: 0, isInfeasible: false };
  const raised = Number(divideRoundingDown(BigInt(priceMicroPerKwh) * BigInt(alphaPermille), PERMILLE));
  return {
    drMicroPerKwh: Math.max(0, Math.min(raised, upstreamMicroPerKwh)),
    isInfeasible: priceMicroPerKwh > upstreamMicroPerKwh,
  };
}

/** α is not below 1. */
const LEAST_ALPHA_PERMILLE = 1_000;

/**
 * The α of a slot by its operator's rule: upstream's price over the local one that is expected, within 1 and `mostPermille`, so that the DR price
 * is near what an import saved is worth (R7.2). Thousandths.
 */
export function alphaPermilleOf({
  upstreamMicroPerKwh,
  expectedMicroPerKwh,
  mostPermille,
}: {
  readonly upstreamMicroPerKwh: number;
  readonly expectedMicroPerKwh: number;
  readonly mostPermille: number;
}): number {
  if (expectedMicroPerKwh <= 0) return mostPermille;
  const ratio = Math.round((upstreamMicroPerKwh * LEAST_ALPHA_PERMILLE) / expectedMicroPerKwh);
  return Math.min(mostPermille, Math.max(LEAST_ALPHA_PERMILLE, ratio));
}
