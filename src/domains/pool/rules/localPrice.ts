import { type Clearing, midpoint } from "#kernel/auction/clearing.ts";
import type { EnergyRationing } from "./energyRationing.ts";

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

/** The local price of a clearing as it was declared to a market that prices at midpoints; 0 without a trade. */
export function declaredLocalPrice({
  bids,
  marginalBid,
  marginalOffer,
}: {
  readonly bids: Pick<EnergyRationing, "filledWh">;
  readonly marginalBid: number;
  readonly marginalOffer: number;
}): number {
  return bids.filledWh > 0 ? midpoint(marginalBid, marginalOffer) : 0;
}
