/** Limit prices are whole multiples of this, micro per kWh: a hundredth of a cent. */
const PRICE_STEP_MICRO_PER_KWH = 100;

/**
 * The prices between which a local trade is worth it for both sides, micro per kWh: a seller never earns less than the
 * feed-in price, a buyer never pays more than retail once the grid fee is added (R5.6).
 */
export type PriceRange = { readonly lowestMicroPerKwh: number; readonly highestMicroPerKwh: number };

/**
 * The limit of a bid: the highest price that is worth it, less a part of the range that grows with the square of the
 * home's experience of being served, 0 … 1. Rounded down to a price step, never out of the range
 * (`docs/model/bidding.md`, equation 2).
 */
export function bidLimit(range: PriceRange, reach: number, experience: number): number {
  const width = range.highestMicroPerKwh - range.lowestMicroPerKwh;
  return roundBid(range.highestMicroPerKwh - reach * experience * experience * width, range);
}

/** The limit of an offer, the mirror of {@link bidLimit}: equation 3, rounded up to a price step. */
export function offerLimit(range: PriceRange, reach: number, experience: number): number {
  const width = range.highestMicroPerKwh - range.lowestMicroPerKwh;
  return roundOffer(range.lowestMicroPerKwh + reach * experience * experience * width, range);
}

/** A bid's price rounded down to a price step and kept in the range. */
export function roundBid(priceMicroPerKwh: number, range: PriceRange): number {
  const stepped = Math.floor(priceMicroPerKwh / PRICE_STEP_MICRO_PER_KWH) * PRICE_STEP_MICRO_PER_KWH;
  return clip(stepped, range);
}

/** An offer's price rounded up to a price step and kept in the range. */
export function roundOffer(priceMicroPerKwh: number, range: PriceRange): number {
  const stepped = Math.ceil(priceMicroPerKwh / PRICE_STEP_MICRO_PER_KWH) * PRICE_STEP_MICRO_PER_KWH;
  return clip(stepped, range);
}

/** The home's experience after an interval in which `fill` (0 … 1) of what it wanted was traded: equation 4. */
export function learnFromFill(experience: number, fill: number, adaptation: number): number {
  return experience + adaptation * (fill - experience);
}

function clip(price: number, { lowestMicroPerKwh, highestMicroPerKwh }: PriceRange): number {
  return Math.min(Math.max(price, lowestMicroPerKwh), highestMicroPerKwh);
}
