/** A wish to buy (bid) or to sell (offer). */
export type Side = "bid" | "offer";

/**
 * How a cleared book is priced.
 *
 * - `uniform`: one price for all, midway between the marginal bid and offer (R9.8, E9.6)
 * - `midpoint`: each matched pair at the midpoint of its limits (Algorithm 1)
 * - `marginal`: one price for all that supports the outcome: no order is rationed, or left out, at a price strictly better
 *   than its limit; the nearest such price to the midpoint
 */
export const PRICINGS = ["uniform", "midpoint", "marginal"] as const;

export type Pricing = (typeof PRICINGS)[number];

/**
 * An order of one auction, for whole units of what is traded (Wh or W is the market's business), a thousand of which have
 * a price. `sequence` tells a participant's orders apart; an order is identified by
 * side, participant, limit price and sequence, and stands as long as the gate is open.
 *
 * @property quantity whole units, 1 … 2³² − 1
 * @property limitPriceMicroPerThousand worst acceptable price, signed, −2³¹ … 2³¹ − 1
 * @property sequence 0 … 255
 */
export type Order<Participant = string> = {
  readonly participant: Participant;
  readonly side: Side;
  readonly quantity: number;
  readonly limitPriceMicroPerThousand: number;
  readonly sequence: number;
};

/** Largest quantity of one order: 32 bits. */
export const MAX_QUANTITY = 2 ** 32 - 1;

/** Price bounds of one order, 32 signed bits: ±2,147 of the currency for a thousand units. */
export const MIN_PRICE_MICRO_PER_THOUSAND = -(2 ** 31);
export const MAX_PRICE_MICRO_PER_THOUSAND = 2 ** 31 - 1;
