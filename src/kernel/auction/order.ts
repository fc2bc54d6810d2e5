/** A wish to buy (bid) or to sell (offer). */
export type Side = "bid" | "offer";

/** How a cleared book is priced: one price for all (R9.8, E9.6), or the midpoint of each matched pair (Algorithm 1). */
export type Pricing = "uniform" | "midpoint";

/**
 * An order for one delivery interval. `sequence` tells a participant's orders apart; an order is identified by
 * side, participant, limit price and sequence, and stands as long as the gate is open.
 *
 * @property energyWh whole Wh, 1 … 2³² − 1
 * @property limitPriceMicroPerKwh worst acceptable price, signed, −2³¹ … 2³¹ − 1
 * @property sequence 0 … 255
 */
export type Order<Participant = string> = {
  readonly participant: Participant;
  readonly side: Side;
  readonly energyWh: number;
  readonly limitPriceMicroPerKwh: number;
  readonly sequence: number;
};

/** Largest energy of one order: what four bytes of a packed order hold. */
export const MAX_ORDER_WH = 2 ** 32 - 1;

/** Price bounds of one order: what four bytes of a packed order hold, ±2,147 currency units a kWh. */
export const MIN_PRICE_MICRO_PER_KWH = -(2 ** 31);
export const MAX_PRICE_MICRO_PER_KWH = 2 ** 31 - 1;
