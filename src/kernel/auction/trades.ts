import type { Book } from "./book.ts";
import { type Clearing, midpoint } from "./clearing.ts";
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
  return pairFilled(
    orderByMerit({ side: bids, kind: "bid", amount: clearing.bidFills, memory: takeBids }),
    orderByMerit({ side: offers, kind: "offer", amount: clearing.offerFills, memory: takeOffers }),
    clearing.clearingPriceMicroPerThousand,
  );
}

const LANE_BYTES = Uint32Array.BYTES_PER_ELEMENT;
const takeBids = reuseUint32();
const takeOffers = reuseUint32();

/**
 * Lays the fills of each side end to end and cuts the cleared quantity wherever a bid or an offer ends: each piece is a
 * trade, at the one price, or else at the midpoint of its limits.
 */
function pairFilled(bids: MeritRecords, offers: MeritRecords, onePrice: number | null): PairedTrades {
  const most = bids.count + offers.count;
  // One piece of memory for all of it: the system is asked once.
  const memory = new ArrayBuffer(4 * LANE_BYTES * most);
  const bid = new Uint32Array(memory, 0, most);
  const offer = new Uint32Array(memory, LANE_BYTES * most, most);
  const quantity = new Uint32Array(memory, 2 * LANE_BYTES * most, most);
  const priceMicroPerThousand = new Int32Array(memory, 3 * LANE_BYTES * most, most);
  const { records: bidRecords, bestRank: bestBid } = bids;
  const { records: offerRecords, bestRank: bestOffer } = offers;
  const end = bids.count * RECORD_WORDS;
  // What is left of a head is kept in 32 bits, whatever their sign.
  let bidLeft = (bidRecords[RECORD_AMOUNT] as number) | 0;
  let offerLeft = (offerRecords[RECORD_AMOUNT] as number) | 0;
  let count = 0;
  for (let i = 0, j = 0; i < end; count++) {
    // Which side ends is chance: masks instead of branches that the processor would have to guess.
    const isBidLess = -+(bidLeft >>> 0 < offerLeft >>> 0);
    const traded = (bidLeft & isBidLess) | (offerLeft & ~isBidLess);
    bid[count] = bidRecords[i + RECORD_INDEX] as number;
    offer[count] = offerRecords[j + RECORD_INDEX] as number;
    quantity[count] = traded;
    if (onePrice === null) {
      const bidPrice = ~(((bidRecords[i] as number) + bestBid) | 0);
      const offerPrice = ((offerRecords[j] as number) + bestOffer) | 0;
      priceMicroPerThousand[count] = midpoint(bidPrice, offerPrice);
    }
    bidLeft = (bidLeft - traded) | 0;
    offerLeft = (offerLeft - traded) | 0;
    const isBidDone = -+(bidLeft === 0);
    const isOfferDone = -+(offerLeft === 0);
    i += RECORD_WORDS & isBidDone;
    j += RECORD_WORDS & isOfferDone;
    bidLeft |= (bidRecords[i + RECORD_AMOUNT] as number) & isBidDone;
    offerLeft |= (offerRecords[j + RECORD_AMOUNT] as number) & isOfferDone;
  }
  if (onePrice !== null) priceMicroPerThousand.fill(onePrice, 0, count);
  return {
    bid: bid.subarray(0, count),
    offer: offer.subarray(0, count),
    quantity: quantity.subarray(0, count),
    priceMicroPerThousand: priceMicroPerThousand.subarray(0, count),
  };
}
