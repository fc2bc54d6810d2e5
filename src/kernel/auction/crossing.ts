import type { Book, SideBook } from "./book.ts";

/**
 * Where demand and supply meet.
 *
 * @property clearedWh the energy that changes hands, V
 * @property marginalBidMicroPerKwh limit price of the last bid that is filled, b*
 * @property marginalOfferMicroPerKwh limit price of the last offer that is filled, o*
 */
export type Crossing = {
  readonly clearedWh: number;
  readonly marginalBidMicroPerKwh: number;
  readonly marginalOfferMicroPerKwh: number;
};

/** Prices are told apart by eleven bits a pass: two tables of 2,048 sums stay in the fastest cache. */
const BIN_BITS = 11;

/**
 * Finds cleared energy and marginal prices without a sort (docs/model/clearing.md, equations 1 to 4): with
 * D(p) the energy of bids at p or above and S(p) that of offers at p or below, the pivot is the least price p with
 * S(p) ≥ D(p + 1), and V = min(D(p), S(p)). The result is that of walking both merit orders (R9.9, E9.8).
 * Null when no bid reaches an offer.
 */
export function findCrossing(book: Book): Crossing | null {
  const { bids, offers } = book;
  if (bids.energyWh.length === 0 || offers.energyWh.length === 0) return null;
  const lowest = smallest(offers.limitPriceMicroPerKwh);
  const highest = largest(bids.limitPriceMicroPerKwh);
  if (highest < lowest) return null;

  const pivot = findPivot(book, { from: lowest, width: highest - lowest + 1 });
  const clearedWh = Math.min(pivot.bidsAboveWh + pivot.bidsAtWh, pivot.offersBelowWh + pivot.offersAtWh);
  return {
    clearedWh,
    marginalBidMicroPerKwh:
      clearedWh > pivot.bidsAboveWh
        ? pivot.priceMicroPerKwh
        : smallestAbove(bids.limitPriceMicroPerKwh, pivot.priceMicroPerKwh),
    marginalOfferMicroPerKwh:
      clearedWh > pivot.offersBelowWh
        ? pivot.priceMicroPerKwh
        : largestBelow(offers.limitPriceMicroPerKwh, pivot.priceMicroPerKwh),
  };
}

type Pivot = {
  readonly priceMicroPerKwh: number;
  readonly bidsAboveWh: number;
  readonly bidsAtWh: number;
  readonly offersBelowWh: number;
  readonly offersAtWh: number;
};

/** Prices `from` … `from + width − 1`, in micro per kWh. */
type Window = { readonly from: number; readonly width: number };

/** Narrows the window to the bin that holds the pivot, until a bin is one price: at most three passes for 32 bits. */
function findPivot({ bids, offers }: Book, whole: Window): Pivot {
  const bidBins = new Float64Array(2 ** BIN_BITS);
  const offerBins = new Float64Array(2 ** BIN_BITS);
  let window = whole;
  let bidsAboveWh = 0;
  let offersBelowWh = 0;
  for (;;) {
    const shift = Math.max(0, 32 - Math.clz32(window.width - 1) - BIN_BITS);
    const binCount = ((window.width - 1) >>> shift) + 1;
    sumIntoBins(bids, window, shift, bidBins);
    sumIntoBins(offers, window, shift, offerBins);
    const bin = findBin({ binCount, bidBins, offerBins, bidsAboveWh, offersBelowWh });
    ({ bidsAboveWh, offersBelowWh } = bin);
    const from = window.from + bin.number * 2 ** shift;
    if (shift === 0) return { priceMicroPerKwh: from, ...bin };
    window = { from, width: Math.min(2 ** shift, window.from + window.width - from) };
  }
}

/**
 * Adds the energy of the side's orders inside the window to bins of 2^shift prices; `bins` is overwritten. A price
 * below the window wraps, as an unsigned number, to beyond its end: one comparison tells whether it is inside.
 */
function sumIntoBins(side: SideBook, { from, width }: Window, shift: number, bins: Float64Array): void {
  const { limitPriceMicroPerKwh, energyWh } = side;
  const greatestOffset = width - 1;
  bins.fill(0, 0, (greatestOffset >>> shift) + 1);
  for (let i = 0; i < energyWh.length; i++) {
    const offset = ((limitPriceMicroPerKwh[i] as number) - from) >>> 0;
    if (offset > greatestOffset) continue;
    const bin = offset >>> shift;
    bins[bin] = (bins[bin] as number) + (energyWh[i] as number);
  }
}

/** The first bin at whose upper end supply has reached the demand above it. */
function findBin({
  bidBins,
  offerBins,
  binCount,
  bidsAboveWh: aboveWindowWh,
  offersBelowWh: belowWindowWh,
}: {
  binCount: number;
  bidBins: Float64Array;
  offerBins: Float64Array;
  bidsAboveWh: number;
  offersBelowWh: number;
}) {
  let bidsAboveWh = aboveWindowWh;
  for (let i = 0; i < binCount; i++) bidsAboveWh += bidBins[i] as number;
  let offersBelowWh = belowWindowWh;
  for (let number = 0; ; number++) {
    const bidsAtWh = bidBins[number] as number;
    const offersAtWh = offerBins[number] as number;
    bidsAboveWh -= bidsAtWh;
    if (offersBelowWh + offersAtWh >= bidsAboveWh) {
      return { number, bidsAboveWh, bidsAtWh, offersBelowWh, offersAtWh };
    }
    offersBelowWh += offersAtWh;
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

/** The smallest value above `bound`: values up to it wrap, as unsigned distances, to beyond all others. */
function smallestAbove(values: Int32Array, bound: number): number {
  let least = 2 ** 32 - 1;
  for (let i = 0; i < values.length; i++) {
    const distance = ((values[i] as number) - bound - 1) >>> 0;
    if (distance < least) least = distance;
  }
  return bound + 1 + least;
}

/** See {@link smallestAbove}. */
function largestBelow(values: Int32Array, bound: number): number {
  let least = 2 ** 32 - 1;
  for (let i = 0; i < values.length; i++) {
    const distance = (bound - 1 - (values[i] as number)) >>> 0;
    if (distance < least) least = distance;
  }
  return bound - 1 - least;
}
