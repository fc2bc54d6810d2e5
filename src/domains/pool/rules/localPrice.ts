import { type Clearing, midpoint } from "#kernel/auction/clearing.ts";

/**
 * The local price of the settlement (R7.19), in micro per kWh: the one price of all trades, or where each pair has its own
 * the midpoint of the marginal pair, rounded down; 0 without a trade.
 */
export function localPrice({
  clearingPriceMicroPerThousand,
  marginalBidMicroPerThousand,
  marginalOfferMicroPerThousand,
}: Pick<
  Clearing,
  "clearingPriceMicroPerThousand" | "marginalBidMicroPerThousand" | "marginalOfferMicroPerThousand"
>): number {
  if (clearingPriceMicroPerThousand !== null) return clearingPriceMicroPerThousand;
  if (marginalBidMicroPerThousand === null || marginalOfferMicroPerThousand === null) return 0;
  return midpoint(marginalBidMicroPerThousand, marginalOfferMicroPerThousand);
}
