import type { Book, SideBook } from "./book.ts";
import { MAX_PRICE_MICRO_PER_THOUSAND, MIN_PRICE_MICRO_PER_THOUSAND } from "./order.ts";
import { reuseFloat64 } from "./workMemory.ts";

/**
 * Where demand and supply meet.
 *
 * @property clearedQuantity the quantity that changes hands, V
 * @property marginalBidMicroPerThousand limit price of the last bid that is filled, b*
 * @property marginalOfferMicroPerThousand limit price of the last offer that is filled, o*
 */
export type Crossing = {
  readonly clearedQuantity: number;
  readonly marginalBidMicroPerThousand: number;
  readonly marginalOfferMicroPerThousand: number;
};

/** Prices are told apart by eleven bits a pass: two tables of 2,048 sums stay in the fastest cache. */
const BIN_BITS = 11;

const takeBidBins = reuseFloat64();
const takeOfferBins = reuseFloat64();

/**
 * Finds cleared quantity and marginal prices without a sort (docs/model/clearing.md, equations 1 to 4): with
 * D(p) the quantity of bids at p or above and S(p) that of offers at p or below, the pivot is the least price p with
 * S(p) ≥ D(p + 1), and V = min(D(p), S(p)). The result is that of walking both merit orders (R9.9, E9.8).
 * Null when no bid reaches an offer.
 */
export function findCrossing(book: Book): Crossing | null {
  const { bids, offers } = book;
  if (bids.quantity.length === 0 || offers.quantity.length === 0) return null;
  const lowest = smallest(offers.limitPriceMicroPerThousand);
  const highest = largest(bids.limitPriceMicroPerThousand);
  if (highest < lowest) return null;

  const pivot = findPivot(book, { from: lowest, width: highest - lowest + 1 });
  const clearedQuantity = Math.min(pivot.bidsAbove + pivot.bidsAt, pivot.offersBelow + pivot.offersAt);
  return {
    clearedQuantity,
    marginalBidMicroPerThousand:
      clearedQuantity > pivot.bidsAbove
        ? pivot.priceMicroPerThousand
        : smallestAbove(bids.limitPriceMicroPerThousand, pivot.priceMicroPerThousand),
    marginalOfferMicroPerThousand:
      clearedQuantity > pivot.offersBelow
        ? pivot.priceMicroPerThousand
        : largestBelow(offers.limitPriceMicroPerThousand, pivot.priceMicroPerThousand),
  };
}

type Pivot = {
  readonly priceMicroPerThousand: number;
  readonly bidsAbove: number;
  readonly bidsAt: number;
  readonly offersBelow: number;
  readonly offersAt: number;
};

/** Prices `from` … `from + width − 1`, in micro per thousand units. */
type Window = { readonly from: number; readonly width: number };

/** Narrows the window to the bin that holds the pivot, until a bin is one price: at most three passes for 32 bits. */
function findPivot({ bids, offers }: Book, whole: Window): Pivot {
  const bidBins = takeBidBins(2 ** BIN_BITS);
  const offerBins = takeOfferBins(2 ** BIN_BITS);
  let window = whole;
  let bidsAbove = 0;
  let offersBelow = 0;
  for (;;) {
    const shift = Math.max(0, 32 - Math.clz32(window.width - 1) - BIN_BITS);
    const binCount = ((window.width - 1) >>> shift) + 1;
    sumIntoBins(bids, window, shift, bidBins);
    sumIntoBins(offers, window, shift, offerBins);
    const bin = findBin({ binCount, bidBins, offerBins, bidsAbove, offersBelow });
    ({ bidsAbove, offersBelow } = bin);
    const from = window.from + bin.number * 2 ** shift;
    if (shift === 0) return { priceMicroPerThousand: from, ...bin };
    window = { from, width: Math.min(2 ** shift, window.from + window.width - from) };
  }
}

/**
 * Adds the quantity of the side's orders inside the window to bins of 2^shift prices; `bins` is overwritten. A price
 * below the window wraps, as an unsigned number, to beyond its end: one comparison tells whether it is inside.
 */
function sumIntoBins(side: SideBook, { from, width }: Window, shift: number, bins: Float64Array): void {
  const { limitPriceMicroPerThousand, quantity } = side;
  const greatestOffset = width - 1;
  bins.fill(0, 0, (greatestOffset >>> shift) + 1);
  for (let i = 0; i < quantity.length; i++) {
    const offset = (((limitPriceMicroPerThousand[i] as number) | 0) - (from | 0)) >>> 0;
    if (offset > greatestOffset) continue;
    const bin = offset >>> shift;
    bins[bin] = (bins[bin] as number) + (quantity[i] as number);
  }
}

/** The first bin at whose upper end supply has reached the demand above it. */
function findBin({
  bidBins,
  offerBins,
  binCount,
  bidsAbove: aboveWindow,
  offersBelow: belowWindow,
}: {
  binCount: number;
  bidBins: Float64Array;
  offerBins: Float64Array;
  bidsAbove: number;
  offersBelow: number;
}) {
  let bidsAbove = aboveWindow;
  for (let i = 0; i < binCount; i++) bidsAbove += bidBins[i] as number;
  let offersBelow = belowWindow;
  for (let number = 0; ; number++) {
    const bidsAt = bidBins[number] as number;
    const offersAt = offerBins[number] as number;
    bidsAbove -= bidsAt;
    if (offersBelow + offersAt >= bidsAbove) {
      return { number, bidsAbove, bidsAt, offersBelow, offersAt };
    }
    offersBelow += offersAt;
  }
}

function smallest(values: Int32Array): number {
  let least = values[0] as number;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) < least) least = values[i] as number;
  return least;
}

function largest(values: Int32Array): number {
  let greatest = values[0] as number;
  for (let i = 1; i < values.length; i++)
    if ((values[i] as number) > greatest) greatest = values[i] as number;
  return greatest;
}

/** The smallest value above `bound`, ∞ without one: values up to it wrap, as unsigned distances, to beyond all others. */
export function smallestAbove(values: Int32Array, bound: number): number {
  let least = 2 ** 32 - 1;
  for (let i = 0; i < values.length; i++) {
    const distance = ((values[i] as number) - bound - 1) >>> 0;
    if (distance < least) least = distance;
  }
  const value = bound + 1 + least;
  return value > MAX_PRICE_MICRO_PER_THOUSAND ? Number.POSITIVE_INFINITY : value;
}

/** The largest value below `bound`, −∞ without one; see {@link smallestAbove}. */
export function largestBelow(values: Int32Array, bound: number): number {
  let least = 2 ** 32 - 1;
  for (let i = 0; i < values.length; i++) {
    const distance = (bound - 1 - (values[i] as number)) >>> 0;
    if (distance < least) least = distance;
  }
  const value = bound - 1 - least;
  return value < MIN_PRICE_MICRO_PER_THOUSAND ? Number.NEGATIVE_INFINITY : value;
}
