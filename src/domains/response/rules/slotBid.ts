/**
 * What a prosumer bids for a slot (R7.10): the demand it wants, the generation that it forecasts for the slot (R7.9), and one price
 * for both.
 *
 * @property member its number in the area
 * @property demandWh d, whole Wh
 * @property capacityWh ρ, whole Wh
 * @property priceMicroPerKwh most it would pay for a kWh of demand, least it would take for one of capacity
 */
export type SlotBid = {
  readonly member: number;
  readonly demandWh: number;
  readonly capacityWh: number;
  readonly priceMicroPerKwh: number;
};

/**
 * The bounds of a slot's prices, micro per kWh.
 *
 * @property upstreamMicroPerKwh π_market: nobody pays more locally, who can buy there
 * @property feedInMicroPerKwh what upstream takes a surplus for
 * @property alphaPermille α ≥ 1 in thousandths, set by the operator (R7.2)
 */
export type SlotTerms = {
  readonly upstreamMicroPerKwh: number;
  readonly feedInMicroPerKwh: number;
  readonly alphaPermille: number;
};

/** The lowest and the highest price of a slot; the highest is upstream's, below the feed-in price too. */
export function priceBounds({ upstreamMicroPerKwh, feedInMicroPerKwh }: SlotTerms): {
  readonly lowestMicroPerKwh: number;
  readonly highestMicroPerKwh: number;
} {
  return {
    lowestMicroPerKwh: Math.min(feedInMicroPerKwh, upstreamMicroPerKwh),
    highestMicroPerKwh: upstreamMicroPerKwh,
  };
}

/** Energies of all bids together, Wh. */
export function sumWh<Key extends string>(bids: readonly Readonly<Record<Key, number>>[], key: Key): number {
  return bids.reduce((sum, bid) => sum + bid[key], 0);
}
