import { type Clearing, midpoint } from "#kernel/auction/clearing.ts";
import type { Rationing } from "#kernel/auction/rationing.ts";

/** Midpoint of the marginal pair, rounded down: the local price of the settlement (R7.19); 0 without a trade. */
export function localPrice({
  marginalBidMicroPerKwh,
  marginalOfferMicroPerKwh,
}: Pick<Clearing, "marginalBidMicroPerKwh" | "marginalOfferMicroPerKwh">): number {
  if (marginalBidMicroPerKwh === null || marginalOfferMicroPerKwh === null) return 0;
  return midpoint(marginalBidMicroPerKwh, marginalOfferMicroPerKwh);
}

/** The local price of a clearing as it was declared, where 0 stands for no marginal price. */
export function declaredLocalPrice({
  bids,
  marginalBid,
  marginalOffer,
}: {
  readonly bids: Pick<Rationing, "filledWh">;
  readonly marginalBid: number;
  readonly marginalOffer: number;
}): number {
  const hasTrade = bids.filledWh > 0;
  return localPrice({
    marginalBidMicroPerKwh: hasTrade ? marginalBid : null,
    marginalOfferMicroPerKwh: hasTrade ? marginalOffer : null,
  });
}
