import type { Book, SideBook } from "./book.ts";
import { MAX_PRICE_MICRO_PER_THOUSAND, MIN_PRICE_MICRO_PER_THOUSAND, type Side } from "./order.ts";
import { createSort, type Keyed } from "./stableSort.ts";
import { reuseUint32 } from "./workMemory.ts";

/** Runs of equal prices up to this length are ordered by insertion. */
const SHORT_RUN = 16;

const sortByPrice = createSort();
const sortBySequence = createSort();
const sortByParticipant = createSort();
const takeIndices = reuseUint32();
const takePriceKeys = reuseUint32();
const takeParticipants = reuseUint32();

/**
 * Indices of all orders, best first: bids by falling limit price, offers by rising limit price, equal prices by
 * participant, then by sequence. Total for admitted orders, so the order of the book's entries does not matter.
 */
export function meritOrder({ bids, offers }: Book): { bids: Uint32Array; offers: Uint32Array } {
  return {
    bids: orderByMerit({ side: bids, kind: "bid", amount: bids.quantity }).slice(),
    offers: orderByMerit({ side: offers, kind: "offer", amount: offers.quantity }).slice(),
  };
}

/**
 * The orders of a side with a positive `amount`, which has an entry for each order, in merit order. The array is
 * work memory: the next call overwrites it.
 */
export function orderByMerit({
  side,
  kind,
  amount,
}: {
  side: SideBook;
  kind: Side;
  amount: Uint32Array;
}): Uint32Array {
  const indices = selectOrders(amount);
  const isOrdered = isOrderedByAccount(side, indices);
  const sorted = sortByPrice({ indices, keys: keyByPrice({ side, kind, indices }) });
  if (!isOrdered) orderTies(side, sorted);
  return sorted.indices;
}

/** Some orders of a side by participant, then by sequence. */
export function orderByAccount(side: SideBook, indices: Uint32Array): Uint32Array {
  if (isOrderedByAccount(side, indices)) return indices;
  const { participant, sequence } = side;
  const sorted = sortBySequence({ indices, keys: indices.map((index) => sequence[index] as number) }).indices;
  return sortByParticipant({
    indices: sorted,
    keys: sorted.map((index) => participant[index] as number),
  }).indices.slice();
}

/**
 * Indices of the positive amounts. Each index is written, and kept by counting on: there is no branch that the
 * processor would have to guess.
 */
function selectOrders(amount: Uint32Array): Uint32Array {
  const indices = takeIndices(amount.length);
  let count = 0;
  for (let i = 0; i < amount.length; i++) {
    indices[count] = i;
    count += +(amount[i] !== 0);
  }
  return indices.subarray(0, count);
}

/** Distance of each order's price from the best one, unsigned. */
function keyByPrice({
  side,
  kind,
  indices,
}: {
  side: SideBook;
  kind: Side;
  indices: Uint32Array;
}): Uint32Array {
  const { limitPriceMicroPerThousand } = side;
  const keys = takePriceKeys(indices.length);
  let least = MAX_PRICE_MICRO_PER_THOUSAND;
  let greatest = MIN_PRICE_MICRO_PER_THOUSAND;
  for (let i = 0; i < indices.length; i++) {
    const price = limitPriceMicroPerThousand[indices[i] as number] as number;
    if (price < least) least = price;
    if (price > greatest) greatest = price;
    keys[i] = price;
  }
  if (kind === "bid") for (let i = 0; i < keys.length; i++) keys[i] = (greatest - (keys[i] as number)) >>> 0;
  else for (let i = 0; i < keys.length; i++) keys[i] = ((keys[i] as number) - least) >>> 0;
  return keys;
}

/**
 * Orders each run of equal keys by account, in place. Participants are fetched beforehand, all at once: fetched when
 * they are compared, each would be waited for.
 */
function orderTies(side: SideBook, { indices, keys }: Keyed): void {
  const participants = takeParticipants(indices.length);
  for (let i = 0; i < indices.length; i++) participants[i] = side.participant[indices[i] as number] as number;
  for (let start = 0; start < keys.length; ) {
    const key = keys[start];
    let end = start + 1;
    while (end < keys.length && keys[end] === key) end++;
    if (end - start > SHORT_RUN) indices.set(orderByAccount(side, indices.subarray(start, end)), start);
    else for (let i = start + 1; i < end; i++) insertByAccount({ side, indices, participants, start, at: i });
    start = end;
  }
}

/** Moves the entry `at` down to its place among the ordered entries from `start`, in both arrays. */
function insertByAccount({
  side: { sequence },
  indices,
  participants,
  start,
  at,
}: {
  side: SideBook;
  indices: Uint32Array;
  participants: Uint32Array;
  start: number;
  at: number;
}): void {
  const index = indices[at] as number;
  const participant = participants[at] as number;
  let hole = at;
  for (; hole > start; hole--) {
    const other = participants[hole - 1] as number;
    const isTied = participant === other;
    const isLater =
      isTied && (sequence[index] as number) >= (sequence[indices[hole - 1] as number] as number);
    if (participant > other || isLater) break;
    indices[hole] = indices[hole - 1] as number;
    participants[hole] = other;
  }
  indices[hole] = index;
  participants[hole] = participant;
}

function comesBefore({ participant, sequence }: SideBook, index: number, other: number): boolean {
  const step = (participant[index] as number) - (participant[other] as number);
  return step < 0 || (step === 0 && (sequence[index] as number) < (sequence[other] as number));
}

function isOrderedByAccount(side: SideBook, indices: Uint32Array): boolean {
  for (let i = 1; i < indices.length; i++) {
    if (comesBefore(side, indices[i] as number, indices[i - 1] as number)) return false;
  }
  return true;
}
