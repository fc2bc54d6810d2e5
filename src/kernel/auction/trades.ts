import type { Book, SideBook } from "./book.ts";
import { type Clearing, midpoint } from "./clearing.ts";
import { orderByMerit } from "./meritOrder.ts";
import type { Side } from "./order.ts";
import { reuseFloat64, reuseUint32, type Take } from "./workMemory.ts";

/**
 * The trades of a clearing as parallel arrays, in merit order: indices of bid and offer into their sides of the book,
 * energy and price of each trade.
 */
export type PairedTrades = {
  readonly bid: Uint32Array;
  readonly offer: Uint32Array;
  readonly energyWh: Uint32Array;
  readonly priceMicroPerKwh: Int32Array;
};

/**
 * Pairs the filled energies of a clearing in merit order (R9.9 with E9.8: every exhausted head advances, no trade is
 * empty). Uniform pricing gives all trades the clearing price, midpoint pricing each the midpoint of its two limit
 * prices, rounded down. There are fewer trades than filled orders.
 */
export function pairTrades(book: Book, clearing: Clearing): PairedTrades {
  const bids = stackFills({ side: book.bids, kind: "bid", fillWh: clearing.bidFillWh, memory: bidMemory });
  const offers = stackFills({
    side: book.offers,
    kind: "offer",
    fillWh: clearing.offerFillWh,
    memory: offerMemory,
  });
  const pairs = pairStacks(bids, offers);
  const price = clearing.clearingPriceMicroPerKwh;
  const priceMicroPerKwh =
    price === null ? priceAtMidpoints(book, pairs) : new Int32Array(pairs.energyWh.length).fill(price);
  return { ...pairs, priceMicroPerKwh };
}

/**
 * Filled orders in merit order, their fills laid end to end: order `index[i]` of the side ends at `endWh[i]` of the
 * cleared energy.
 */
type Stack = {
  readonly index: Uint32Array;
  readonly endWh: Float64Array;
};

type Pairs = Omit<PairedTrades, "priceMicroPerKwh">;

type StackMemory = { readonly takeIndex: Take<Uint32Array>; readonly takeEndWh: Take<Float64Array> };

const bidMemory: StackMemory = { takeIndex: reuseUint32(), takeEndWh: reuseFloat64() };
const offerMemory: StackMemory = { takeIndex: reuseUint32(), takeEndWh: reuseFloat64() };

function stackFills({
  side,
  kind,
  fillWh,
  memory,
}: {
  side: SideBook;
  kind: Side;
  fillWh: Uint32Array;
  memory: StackMemory;
}): Stack {
  const sorted = orderByMerit({ side, kind, amountWh: fillWh });
  const index = memory.takeIndex(sorted.length);
  const endWh = memory.takeEndWh(sorted.length);
  let stackedWh = 0;
  for (let i = 0; i < sorted.length; i++) {
    const order = sorted[i] as number;
    stackedWh += fillWh[order] as number;
    index[i] = order;
    endWh[i] = stackedWh;
  }
  return { index, endWh };
}

/** Cuts the cleared energy wherever a bid or an offer ends: each piece is a trade. */
function pairStacks(bids: Stack, offers: Stack): Pairs {
  const most = bids.index.length + offers.index.length;
  const bid = new Uint32Array(most);
  const offer = new Uint32Array(most);
  const energyWh = new Uint32Array(most);
  let count = 0;
  let startWh = 0;
  for (let i = 0, j = 0; i < bids.index.length; count++) {
    const bidEndWh = bids.endWh[i] as number;
    const offerEndWh = offers.endWh[j] as number;
    const endWh = Math.min(bidEndWh, offerEndWh);
    bid[count] = bids.index[i] as number;
    offer[count] = offers.index[j] as number;
    energyWh[count] = endWh - startWh;
    startWh = endWh;
    i += +(bidEndWh === endWh);
    j += +(offerEndWh === endWh);
  }
  return {
    bid: bid.subarray(0, count),
    offer: offer.subarray(0, count),
    energyWh: energyWh.subarray(0, count),
  };
}

function priceAtMidpoints({ bids, offers }: Book, { bid, offer }: Pairs): Int32Array {
  const priceMicroPerKwh = new Int32Array(bid.length);
  for (let k = 0; k < bid.length; k++) {
    priceMicroPerKwh[k] = midpoint(
      bids.limitPriceMicroPerKwh[bid[k] as number] as number,
      offers.limitPriceMicroPerKwh[offer[k] as number] as number,
    );
  }
  return priceMicroPerKwh;
}
