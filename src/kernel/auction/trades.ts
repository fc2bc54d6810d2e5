import type { Book } from "./book.ts";
import type { Clearing } from "./clearing.ts";
import { type MeritRecords, orderByMerit, RECORD_AMOUNT, RECORD_INDEX, RECORD_WORDS } from "./meritOrder.ts";
import { reuseUint32 } from "./workMemory.ts";

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
export function pairTrades({ bids, offers }: Book, clearing: Clearing): PairedTrades {
  const trades = pairFilled(
    orderByMerit({ side: bids, kind: "bid", amount: clearing.bidFills, memory: takeBids }),
    orderByMerit({ side: offers, kind: "offer", amount: clearing.offerFills, memory: takeOffers }),
  );
  const price = clearing.clearingPriceMicroPerThousand;
  if (price !== null) trades.priceMicroPerThousand.fill(price);
  return trades;
}

const takeBids = reuseUint32();
const takeOffers = reuseUint32();

/**
 * Lays the fills of each side end to end and cuts the cleared quantity wherever a bid or an offer ends: each piece is a
 * trade, at the midpoint of its limits.
 */
function pairFilled(bids: MeritRecords, offers: MeritRecords): PairedTrades {
  const most = bids.count + offers.count;
  const bid = new Uint32Array(most);
  const offer = new Uint32Array(most);
  const quantity = new Uint32Array(most);
  const priceMicroPerThousand = new Int32Array(most);
  const bidRecords = bids.records;
  const offerRecords = offers.records;
  const bestBid = bids.bestRank;
  const bestOffer = offers.bestRank;
  const end = bids.count * RECORD_WORDS;
  let bidLeft = end === 0 ? 0 : (bidRecords[RECORD_AMOUNT] as number);
  let offerLeft = end === 0 ? 0 : (offerRecords[RECORD_AMOUNT] as number);
  let count = 0;
  for (let i = 0, j = 0; i < end; count++) {
    const traded = Math.min(bidLeft, offerLeft);
    bid[count] = bidRecords[i + RECORD_INDEX] as number;
    offer[count] = offerRecords[j + RECORD_INDEX] as number;
    quantity[count] = traded;
    const bidPrice = ~(((bidRecords[i] as number) + bestBid) | 0);
    const offerPrice = ((offerRecords[j] as number) + bestOffer) | 0;
    priceMicroPerThousand[count] = (bidPrice >> 1) + (offerPrice >> 1) + (bidPrice & offerPrice & 1);
    bidLeft -= traded;
    offerLeft -= traded;
    if (bidLeft === 0) {
      i += RECORD_WORDS;
      bidLeft = bidRecords[i + RECORD_AMOUNT] as number;
    }
    if (offerLeft === 0) {
      j += RECORD_WORDS;
      offerLeft = offerRecords[j + RECORD_AMOUNT] as number;
    }
  }
  return {
    bid: bid.subarray(0, count),
    offer: offer.subarray(0, count),
    quantity: quantity.subarray(0, count),
    priceMicroPerThousand: priceMicroPerThousand.subarray(0, count),
  };
}
