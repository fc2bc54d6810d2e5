import { assert } from "#kernel/units/assert.ts";
import type { Book, SideBook } from "./book.ts";
import { MAX_SIDE_ORDERS } from "./book.ts";
import { findCrossing } from "./crossing.ts";
import type { Pricing, Side } from "./order.ts";
import { NO_RATIONING, type Rationing, rationLevel } from "./rationing.ts";

/**
 * The outcome of a book.
 *
 * @property clearingPriceMicroPerKwh the one price of uniform pricing; null with midpoint pricing or without a trade
 * @property marginalBidMicroPerKwh limit price of the last filled bid; null without a trade
 * @property marginalOfferMicroPerKwh limit price of the last filled offer; null without a trade
 * @property clearedWh energy bought, which is energy sold
 * @property bidFillWh what each bid gets, in the book's own order
 * @property offerFillWh what each offer sells, in the book's own order
 */
export type Clearing = {
  readonly pricing: Pricing;
  readonly clearingPriceMicroPerKwh: number | null;
  readonly marginalBidMicroPerKwh: number | null;
  readonly marginalOfferMicroPerKwh: number | null;
  readonly clearedWh: number;
  readonly bidFillWh: Uint32Array;
  readonly offerFillWh: Uint32Array;
  readonly bidRationing: Rationing;
  readonly offerRationing: Rationing;
};

/**
 * Clears a book at one price: the midpoint of the marginal matched bid and offer, rounded down to a whole micro per
 * kWh (R9.8, E9.6, AMB-15; docs/model/clearing.md).
 */
export function clearUniformPrice(book: Book): Clearing {
  return clearBook(book, "uniform");
}

/** Clears a book at the midpoint of each matched pair (Algorithm 1: R9.9, E9.7, E9.8); the quantities are the same. */
export function clearMidpoint(book: Book): Clearing {
  return clearBook(book, "midpoint");
}

/** Clears a book by either rule of pricing. Energy filled is the same under both; {@link pairTrades} gives the trades. */
export function clearBook(book: Book, pricing: Pricing): Clearing {
  const { bids, offers } = book;
  assert(
    bids.energyWh.length <= MAX_SIDE_ORDERS && offers.energyWh.length <= MAX_SIDE_ORDERS,
    "a side of the book has more orders than sums of energy can hold exactly",
  );
  const crossing = findCrossing(book);
  if (crossing === null) return withoutTrade(book, pricing);

  const { clearedWh, marginalBidMicroPerKwh, marginalOfferMicroPerKwh } = crossing;
  const bought = fillSide({ side: bids, kind: "bid", marginalPrice: marginalBidMicroPerKwh, clearedWh });
  const sold = fillSide({ side: offers, kind: "offer", marginalPrice: marginalOfferMicroPerKwh, clearedWh });
  return {
    pricing,
    clearingPriceMicroPerKwh:
      pricing === "uniform" ? midpoint(marginalBidMicroPerKwh, marginalOfferMicroPerKwh) : null,
    marginalBidMicroPerKwh,
    marginalOfferMicroPerKwh,
    clearedWh,
    bidFillWh: bought.fillWh,
    offerFillWh: sold.fillWh,
    bidRationing: bought.rationing,
    offerRationing: sold.rationing,
  };
}

/**
 * The middle of two signed prices of 32 bits, rounded towards −∞. Halves first and adds the carry of two odd prices,
 * so that the sum stays within 32 bits.
 */
export function midpoint(bidPrice: number, offerPrice: number): number {
  return (bidPrice >> 1) + (offerPrice >> 1) + (bidPrice & offerPrice & 1);
}

function withoutTrade({ bids, offers }: Book, pricing: Pricing): Clearing {
  return {
    pricing,
    clearingPriceMicroPerKwh: null,
    marginalBidMicroPerKwh: null,
    marginalOfferMicroPerKwh: null,
    clearedWh: 0,
    bidFillWh: new Uint32Array(bids.energyWh.length),
    offerFillWh: new Uint32Array(offers.energyWh.length),
    bidRationing: NO_RATIONING,
    offerRationing: NO_RATIONING,
  };
}

/** Orders better than the marginal price are filled whole, worse ones not at all, the marginal ones are rationed. */
function fillSide({
  side,
  kind,
  marginalPrice,
  clearedWh,
}: {
  side: SideBook;
  kind: Side;
  marginalPrice: number;
  clearedWh: number;
}): { fillWh: Uint32Array; rationing: Rationing } {
  const { limitPriceMicroPerKwh, energyWh } = side;
  const fillWh = new Uint32Array(energyWh.length);
  const level: number[] = [];
  let betterWh = 0;
  for (let i = 0; i < energyWh.length; i++) {
    const price = limitPriceMicroPerKwh[i] as number;
    const isBetter = kind === "bid" ? price > marginalPrice : price < marginalPrice;
    const wholeWh = (energyWh[i] as number) * +isBetter;
    fillWh[i] = wholeWh;
    betterWh += wholeWh;
    if (price === marginalPrice) level.push(i);
  }
  const shared = rationLevel({ side, level: Uint32Array.from(level), filledWh: clearedWh - betterWh });
  shared.orders.forEach((index, i) => {
    fillWh[index] = shared.fillWh[i] as number;
  });
  return { fillWh, rationing: shared.rationing };
}
