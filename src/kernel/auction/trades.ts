import type { Book, SideBook } from "./book.ts";
import { type Clearing, midpoint } from "./clearing.ts";
import { orderByMerit } from "./meritOrder.ts";
import type { Side } from "./order.ts";
import { reuseFloat64, reuseUint32, type Take } from "./workMemory.ts";

/**
 * The trades of a clearing as parallel arrays, in merit order: indices of bid and offer into their sides of the book,
 * quantity and price of each trade.
 */
export type PairedTrades = {
  readonly bid: Uint32Array;
  readonly offer: Uint32Array;
  readonly quantity: Uint32Array;
  readonly priceMicroPerThousand: Int32Array;
};

/**
 * Pairs the filled energies of a clearing in merit order (R9.9 with E9.8: every exhausted head advances, no trade is
 * empty). Uniform pricing gives all trades the clearing price, midpoint pricing each the midpoint of its two limit
 * prices, rounded down. There are fewer trades than filled orders.
 */
export function pairTrades(book: Book, clearing: Clearing): PairedTrades {
  const bids = stackFills({ side: book.bids, kind: "bid", fills: clearing.bidFills, memory: bidMemory });
  const offers = stackFills({
    side: book.offers,
    kind: "offer",
    fills: clearing.offerFills,
    memory: offerMemory,
  });
  const pairs = pairStacks(bids, offers);
  const price = clearing.clearingPriceMicroPerThousand;
  const priceMicroPerThousand =
    price === null ? priceAtMidpoints(book, pairs) : new Int32Array(pairs.quantity.length).fill(price);
  return { ...pairs, priceMicroPerThousand };
}

/**
 * Filled orders in merit order, their fills laid end to end: order `index[i]` of the side ends at `end[i]` of the
 * cleared quantity.
 */
type Stack = {
  readonly index: Uint32Array;
  readonly end: Float64Array;
};

type Pairs = Omit<PairedTrades, "priceMicroPerThousand">;

type StackMemory = { readonly takeIndex: Take<Uint32Array>; readonly takeEnd: Take<Float64Array> };

const bidMemory: StackMemory = { takeIndex: reuseUint32(), takeEnd: reuseFloat64() };
const offerMemory: StackMemory = { takeIndex: reuseUint32(), takeEnd: reuseFloat64() };

function stackFills({
  side,
  kind,
  fills,
  memory,
}: {
  side: SideBook;
  kind: Side;
  fills: Uint32Array;
  memory: StackMemory;
}): Stack {
  const sorted = orderByMerit({ side, kind, amount: fills });
  const index = memory.takeIndex(sorted.length);
  const end = memory.takeEnd(sorted.length);
  let stacked = 0;
  for (let i = 0; i < sorted.length; i++) {
    const order = sorted[i] as number;
    stacked += fills[order] as number;
    index[i] = order;
    end[i] = stacked;
  }
  return { index, end };
}

/** Cuts the cleared quantity wherever a bid or an offer ends: each piece is a trade. */
function pairStacks(bids: Stack, offers: Stack): Pairs {
  const most = bids.index.length + offers.index.length;
  const bid = new Uint32Array(most);
  const offer = new Uint32Array(most);
  const quantity = new Uint32Array(most);
  let count = 0;
  let start = 0;
  for (let i = 0, j = 0; i < bids.index.length; count++) {
    const bidEnd = bids.end[i] as number;
    const offerEnd = offers.end[j] as number;
    const end = Math.min(bidEnd, offerEnd);
    bid[count] = bids.index[i] as number;
    offer[count] = offers.index[j] as number;
    quantity[count] = end - start;
    start = end;
    i += +(bidEnd === end);
    j += +(offerEnd === end);
  }
  return {
    bid: bid.subarray(0, count),
    offer: offer.subarray(0, count),
    quantity: quantity.subarray(0, count),
  };
}

function priceAtMidpoints({ bids, offers }: Book, { bid, offer }: Pairs): Int32Array {
  const priceMicroPerThousand = new Int32Array(bid.length);
  for (let k = 0; k < bid.length; k++) {
    priceMicroPerThousand[k] = midpoint(
      bids.limitPriceMicroPerThousand[bid[k] as number] as number,
      offers.limitPriceMicroPerThousand[offer[k] as number] as number,
    );
  }
  return priceMicroPerThousand;
}
