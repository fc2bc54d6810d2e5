import { assert } from "#kernel/units/assert.ts";
import type { Book, SideBook } from "./book.ts";
import { MAX_SIDE_ORDERS } from "./book.ts";
import { findCrossing, largestBelow, smallestAbove } from "./crossing.ts";
import type { Pricing, Side } from "./order.ts";
import { NO_RATIONING, type Rationing, rationLevel } from "./rationing.ts";

/**
 * The outcome of a book.
 *
 * @property clearingPriceMicroPerThousand the one price of uniform and of marginal pricing; null with midpoint pricing or without a trade
 * @property marginalBidMicroPerThousand limit price of the last filled bid; null without a trade
 * @property marginalOfferMicroPerThousand limit price of the last filled offer; null without a trade
 * @property clearedQuantity quantity bought, which is quantity sold
 * @property bidFills what each bid gets, in the book's own order
 * @property offerFills what each offer sells, in the book's own order
 */
export type Clearing = {
  readonly pricing: Pricing;
  readonly clearingPriceMicroPerThousand: number | null;
  readonly marginalBidMicroPerThousand: number | null;
  readonly marginalOfferMicroPerThousand: number | null;
  readonly clearedQuantity: number;
  readonly bidFills: Uint32Array;
  readonly offerFills: Uint32Array;
  readonly bidRationing: Rationing;
  readonly offerRationing: Rationing;
};

/**
 * Clears a book at one price: the midpoint of the marginal matched bid and offer, rounded down to a whole micro per
 * thousand units (R9.8, E9.6, AMB-15; docs/model/clearing.md).
 */
export function clearUniformPrice(book: Book): Clearing {
  return clearBook(book, "uniform");
}

/** Clears a book at the midpoint of each matched pair (Algorithm 1: R9.9, E9.7, E9.8); the quantities are the same. */
export function clearMidpoint(book: Book): Clearing {
  return clearBook(book, "midpoint");
}

/** Clears a book by any rule of pricing. What is filled is the same under all; {@link pairTrades} gives the trades. */
export function clearBook(book: Book, pricing: Pricing): Clearing {
  const { bids, offers } = book;
  assert(
    bids.quantity.length <= MAX_SIDE_ORDERS && offers.quantity.length <= MAX_SIDE_ORDERS,
    "a side of the book has more orders than sums of quantities can hold exactly",
  );
  const crossing = findCrossing(book);
  if (crossing === null) return withoutTrade(book, pricing);

  const { clearedQuantity, marginalBidMicroPerThousand, marginalOfferMicroPerThousand } = crossing;
  const bought = fillSide({
    side: bids,
    kind: "bid",
    marginalPrice: marginalBidMicroPerThousand,
    clearedQuantity,
  });
  const sold = fillSide({
    side: offers,
    kind: "offer",
    marginalPrice: marginalOfferMicroPerThousand,
    clearedQuantity,
  });
  return {
    pricing,
    clearingPriceMicroPerThousand: onePrice(book, pricing, {
      bidPrice: marginalBidMicroPerThousand,
      offerPrice: marginalOfferMicroPerThousand,
      bidRationing: bought.rationing,
      offerRationing: sold.rationing,
    }),
    marginalBidMicroPerThousand,
    marginalOfferMicroPerThousand,
    clearedQuantity,
    bidFills: bought.fills,
    offerFills: sold.fills,
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

/** Where each side of the clearing ended. */
type Margins = {
  readonly bidPrice: number;
  readonly offerPrice: number;
  readonly bidRationing: Rationing;
  readonly offerRationing: Rationing;
};

/**
 * The price that all trades have, or null where each has its own. With marginal pricing it is the price nearest to the
 * midpoint at which no bid with quantity left would buy more, and no such offer would sell more: no order is rationed or
 * left out at a price better than its limit (docs/model/clearing.md, 11).
 */
function onePrice({ bids, offers }: Book, pricing: Pricing, margins: Margins): number | null {
  if (pricing === "midpoint") return null;
  const { bidPrice, offerPrice, bidRationing, offerRationing } = margins;
  const middle = midpoint(bidPrice, offerPrice);
  if (pricing === "uniform") return middle;
  const bestBidLeft = isPartial(bidRationing)
    ? bidPrice
    : largestBelow(bids.limitPriceMicroPerThousand, bidPrice);
  const bestOfferLeft = isPartial(offerRationing)
    ? offerPrice
    : smallestAbove(offers.limitPriceMicroPerThousand, offerPrice);
  return Math.min(Math.max(middle, bestBidLeft), bestOfferLeft);
}

function isPartial({ filledQuantity, levelQuantity }: Rationing): boolean {
  return filledQuantity < levelQuantity;
}

function withoutTrade({ bids, offers }: Book, pricing: Pricing): Clearing {
  return {
    pricing,
    clearingPriceMicroPerThousand: null,
    marginalBidMicroPerThousand: null,
    marginalOfferMicroPerThousand: null,
    clearedQuantity: 0,
    bidFills: new Uint32Array(bids.quantity.length),
    offerFills: new Uint32Array(offers.quantity.length),
    bidRationing: NO_RATIONING,
    offerRationing: NO_RATIONING,
  };
}

/** Orders better than the marginal price are filled whole, worse ones not at all, the marginal ones are rationed. */
function fillSide({
  side,
  kind,
  marginalPrice,
  clearedQuantity,
}: {
  side: SideBook;
  kind: Side;
  marginalPrice: number;
  clearedQuantity: number;
}): { fills: Uint32Array; rationing: Rationing } {
  const { limitPriceMicroPerThousand, quantity } = side;
  const fills = new Uint32Array(quantity.length);
  const level: number[] = [];
  let better = 0;
  // Offers' prices are turned over, so that on both sides a greater key is better: -1 - price keeps 32 bits.
  const turn = kind === "bid" ? 0 : -1;
  const margin = marginalPrice ^ turn;
  for (let i = 0; i < quantity.length; i++) {
    const key = (limitPriceMicroPerThousand[i] as number) ^ turn;
    // Whole numbers and no branch that the processor would have to guess.
    const fill = (quantity[i] as number) & -+(key > margin);
    fills[i] = fill;
    better += fill >>> 0;
    if (key === margin) level.push(i);
  }
  const shared = rationLevel({
    side,
    level: Uint32Array.from(level),
    filledQuantity: clearedQuantity - better,
  });
  shared.orders.forEach((index, i) => {
    fills[index] = shared.fills[i] as number;
  });
  return { fills, rationing: shared.rationing };
}
