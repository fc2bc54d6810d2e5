import {
  type Order as AuctionOrder,
  MAX_PRICE_MICRO_PER_THOUSAND,
  MAX_QUANTITY,
  MIN_PRICE_MICRO_PER_THOUSAND,
  type Side,
} from "#kernel/auction/order.ts";

/**
 * An order for the energy of one delivery interval: the auction's order with Wh as its unit. It stands as long as the
 * gate is open.
 *
 * @property energyWh whole Wh, 1 … 2³² − 1
 * @property limitPriceMicroPerKwh worst acceptable price, signed, −2³¹ … 2³¹ − 1
 * @property sequence 0 … 15, among the orders of one participant, side and price
 */
export type Order<Participant = string> = {
  readonly participant: Participant;
  readonly side: Side;
  readonly energyWh: number;
  readonly limitPriceMicroPerKwh: number;
  readonly sequence: number;
};

/** Largest energy of one order: what four bytes of a packed order hold. */
export const MAX_ORDER_WH = MAX_QUANTITY;

/** Largest sequence of an order: sixteen orders of a member at one price bound what it can make others carry. */
export const MAX_SEQUENCE = 15;

/** Price bounds of one order: what four bytes of a packed order hold, ±2,147 currency units a kWh. */
export const MIN_PRICE_MICRO_PER_KWH = MIN_PRICE_MICRO_PER_THOUSAND;
export const MAX_PRICE_MICRO_PER_KWH = MAX_PRICE_MICRO_PER_THOUSAND;

/** The order as the auction takes it: a Wh is a unit, and a kWh is a thousand of them. */
export function auctionOrder<Participant>({
  participant,
  side,
  energyWh,
  limitPriceMicroPerKwh,
  sequence,
}: Order<Participant>): AuctionOrder<Participant> {
  return {
    participant,
    side,
    quantity: energyWh,
    limitPriceMicroPerThousand: limitPriceMicroPerKwh,
    sequence,
  };
}
