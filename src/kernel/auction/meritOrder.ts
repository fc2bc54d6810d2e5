import type { Book, SideBook } from "./book.ts";
import type { Side } from "./order.ts";
import { createSort, type Keyed } from "./stableSort.ts";
import { reuseUint32, type Take } from "./workMemory.ts";

/** Runs of equal prices up to this length are ordered by insertion. */
const SHORT_RUN = 16;

/** Orders of one bucket that insertion still sorts sooner than the radix sort does. */
const SHORT_BUCKET = 64;

/** Buckets of prices: enough for a few orders each, few enough that their counters stay in the second cache. */
const MIN_BUCKET_BITS = 6;
const MAX_BUCKET_BITS = 17;

/** Words of a record: distance of the price from the best one, participant, index into the side, amount. */
export const RECORD_WORDS = 4;
export const RECORD_INDEX = 2;
export const RECORD_AMOUNT = 3;

/**
 * Orders of a side in merit order, as records of {@link RECORD_WORDS} words that lie one after the other. Behind the last
 * one there is room for another, so that a walk may look one further.
 *
 * @property turn −1 for bids, 0 for offers: a price turned by it (exclusive or) is lower where it is better
 * @property bestRank the best price, turned; a record's price is `(bestRank + distance) ^ turn`
 */
export type MeritRecords = {
  readonly records: Uint32Array;
  readonly count: number;
  readonly turn: number;
  readonly bestRank: number;
};

const sortByPrice = createSort();
const sortBySequence = createSort();
const sortByParticipant = createSort();
const takeIndices = reuseUint32();
const takeKeys = reuseUint32();
const takeParticipants = reuseUint32();
const takeBuckets = reuseUint32();

/** Memory of the records that {@link orderByMerit} gives. */
export type MeritMemory = Take<Uint32Array>;

/**
 * Indices of all orders, best first: bids by falling limit price, offers by rising limit price, equal prices by
 * participant, then by sequence. Total for admitted orders, so the order of the book's entries does not matter.
 */
export function meritOrder({ bids, offers }: Book): { bids: Uint32Array; offers: Uint32Array } {
  return { bids: listIndices(bids, "bid"), offers: listIndices(offers, "offer") };
}

function listIndices(side: SideBook, kind: Side): Uint32Array {
  const { records, count } = orderByMerit({ side, kind, amount: side.quantity, memory: takeOwnRecords });
  return Uint32Array.from({ length: count }, (_, i) => records[i * RECORD_WORDS + RECORD_INDEX] as number);
}

const takeOwnRecords = reuseUint32();

/**
 * The orders of a side with a positive `amount`, which has an entry for each order, in merit order, in `memory`. One
 * scatter by the leading bits of the price puts each order near its place, and insertion finds the place; a book whose
 * prices crowd into few buckets is sorted by radix.
 */
export function orderByMerit({
  side,
  kind,
  amount,
  memory,
}: {
  side: SideBook;
  kind: Side;
  amount: Uint32Array;
  memory: MeritMemory;
}): MeritRecords {
  const turn = kind === "bid" ? -1 : 0;
  const selected = selectOrders(side.limitPriceMicroPerThousand, amount, turn);
  const { bestRank, greatest } = measure(selected.keys);
  const { length } = selected.indices;
  const records = memory((length + 1) * RECORD_WORDS);
  const result = { records, count: length, turn, bestRank };
  const bits = Math.min(MAX_BUCKET_BITS, Math.max(MIN_BUCKET_BITS, 32 - Math.clz32(length)));
  const shift = Math.max(0, 32 - Math.clz32(greatest) - bits);
  const next = takeBuckets((greatest >>> shift) + 1);
  if (countBuckets({ keys: selected.keys, bestRank, shift, next }) > SHORT_BUCKET) {
    const sorted = sortByRadix(side, selected);
    writeRecords({ side, amount, sorted, records });
    return result;
  }
  scatter({ side, amount, sorted: selected, records }, next, shift);
  insertAll(side, result);
  return result;
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
 * Indices of the positive amounts, and their prices, turned. Each is written, and kept by counting on: there is no branch
 * that the processor would have to guess.
 */
function selectOrders(prices: Int32Array, amount: Uint32Array, turn: number): Keyed {
  const indices = takeIndices(amount.length);
  const keys = takeKeys(amount.length);
  let count = 0;
  for (let i = 0; i < amount.length; i++) {
    indices[count] = i;
    keys[count] = (prices[i] as number) ^ turn;
    count += +(amount[i] !== 0);
  }
  return { indices: indices.subarray(0, count), keys: keys.subarray(0, count) };
}

/** The best price, turned, and the greatest distance from it, of prices that are turned. */
function measure(ranks: Uint32Array): { bestRank: number; greatest: number } {
  let least = (ranks[0] as number) | 0;
  let most = least;
  for (let i = 0; i < ranks.length; i++) {
    const rank = (ranks[i] as number) | 0;
    if (rank < least) least = rank;
    if (rank > most) most = rank;
  }
  return { bestRank: least, greatest: (most - least) >>> 0 };
}

/**
 * Turns prices into their distances from the best one, and `next` into the place where each bucket starts; gives the number
 * of orders in the fullest bucket.
 */
function countBuckets({
  keys,
  bestRank,
  shift,
  next,
}: {
  keys: Uint32Array;
  bestRank: number;
  shift: number;
  next: Uint32Array;
}): number {
  next.fill(0);
  for (let i = 0; i < keys.length; i++) {
    const distance = (((keys[i] as number) | 0) - bestRank) >>> 0;
    keys[i] = distance;
    const bucket = distance >>> shift;
    next[bucket] = (next[bucket] as number) + 1;
  }
  let start = 0;
  let fullest = 0;
  for (let bucket = 0; bucket < next.length; bucket++) {
    const count = next[bucket] as number;
    if (count > fullest) fullest = count;
    next[bucket] = start;
    start += count;
  }
  return fullest;
}

type Writing = { side: SideBook; amount: Uint32Array; sorted: Keyed; records: Uint32Array };

/** Puts each order into its bucket. */
function scatter(
  { side: { participant }, amount, sorted: { indices, keys }, records }: Writing,
  next: Uint32Array,
  shift: number,
): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    const distance = keys[i] as number;
    const bucket = distance >>> shift;
    const place = next[bucket] as number;
    next[bucket] = place + 1;
    const at = place << 2;
    records[at] = distance;
    records[at + 1] = participant[index] as number;
    records[at + RECORD_INDEX] = index;
    records[at + RECORD_AMOUNT] = amount[index] as number;
  }
}

/** Insertion sort of all records; none moves further than its bucket. */
function insertAll({ sequence }: SideBook, { records, count }: MeritRecords): void {
  const end = count * RECORD_WORDS;
  for (let at = RECORD_WORDS; at < end; at += RECORD_WORDS) {
    const distance = records[at] as number;
    const before = records[at - RECORD_WORDS] as number;
    if (before < distance) continue;
    const participant = records[at + 1] as number;
    const index = records[at + RECORD_INDEX] as number;
    const amount = records[at + RECORD_AMOUNT] as number;
    let hole = at;
    while (hole > 0) {
      const other = hole - RECORD_WORDS;
      const otherDistance = records[other] as number;
      if (otherDistance < distance) break;
      if (otherDistance === distance) {
        const otherParticipant = records[other + 1] as number;
        if (otherParticipant < participant) break;
        const isLater =
          otherParticipant === participant &&
          (sequence[records[other + RECORD_INDEX] as number] as number) <= (sequence[index] as number);
        if (isLater) break;
      }
      records[hole] = otherDistance;
      records[hole + 1] = records[other + 1] as number;
      records[hole + RECORD_INDEX] = records[other + RECORD_INDEX] as number;
      records[hole + RECORD_AMOUNT] = records[other + RECORD_AMOUNT] as number;
      hole = other;
    }
    records[hole] = distance;
    records[hole + 1] = participant;
    records[hole + RECORD_INDEX] = index;
    records[hole + RECORD_AMOUNT] = amount;
  }
}

function sortByRadix(side: SideBook, unsorted: Keyed): Keyed {
  const isOrdered = isOrderedByAccount(side, unsorted.indices);
  const sorted = sortByPrice(unsorted);
  if (!isOrdered) orderTies(side, sorted);
  return sorted;
}

function writeRecords({ side, amount, sorted: { indices, keys }, records }: Writing): void {
  for (let i = 0, at = 0; i < indices.length; i++, at += RECORD_WORDS) {
    const index = indices[i] as number;
    records[at] = keys[i] as number;
    records[at + 1] = side.participant[index] as number;
    records[at + RECORD_INDEX] = index;
    records[at + RECORD_AMOUNT] = amount[index] as number;
  }
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
