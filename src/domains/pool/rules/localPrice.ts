import { type Clearing, midpoint } from "#kernel/auction/clearing.ts";
import type { EnergyRationing } from "./energyRationing.ts";

/** Midpoint of the marginal pair, rounded down: the local price of the settlement (R7.19); 0 without a trade. */
export function localPrice({
  marginalBidMicroPerThousand,
  marginalOfferMicroPerThousand,
}: Pick<Clearing, "marginalBidMicroPerThousand" | "marginalOfferMicroPerThousand">): number {
  if (marginalBidMicroPerThousand === null || marginalOfferMicroPerThousand === null) return 0;
  return midpoint(marginalBidMicroPerThousand, marginalOfferMicroPerThousand);
}

/** The local price of a clearing as it was declared, where 0 stands for no marginal price. */
export function declaredLocalPrice({
  bids,
  marginalBid,
  marginalOffer,
}: {
  readonly bids: Pick<EnergyRationing, "filledWh">;
  readonly marginalBid: number;
  readonly marginalOffer: number;
}): number {
  const hasTrade = bids.filledWh > 0;
  return localPrice({
    marginalBidMicroPerThousand: hasTrade ? marginalBid : null,
    marginalOfferMicroPerThousand: hasTrade ? marginalOffer : null,
  });
}
