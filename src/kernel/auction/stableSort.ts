import { reuseUint32 } from "./workMemory.ts";

/** Bits of one digit: tables in proportion to the length, and within the fastest cache. */
const MIN_DIGIT_BITS = 6;
const MAX_DIGIT_BITS = 11;

/** Indices, each with the key that it is ordered by. */
export type Keyed = { readonly indices: Uint32Array; readonly keys: Uint32Array };

/** Sorts by key; see {@link createSort}. */
export type Sort = (unsorted: Keyed) => Keyed;

/**
 * Makes a sort with work memory of its own. It orders indices by their keys, ascending; equal keys keep their order.
 * The result is the input where all keys are equal, otherwise it lies in memory that the next call overwrites; the
 * input stays as it is. Radix sort from the least digit: time in proportion to the length for any keys of 32 bits, and
 * one counting pass when all keys are small.
 */
export function createSort(): Sort {
  const takeIndices = [reuseUint32(), reuseUint32()] as const;
  const takeKeys = [reuseUint32(), reuseUint32()] as const;
  return ({ indices, keys }) => {
    const { length } = indices;
    const keyBits = 32 - Math.clz32(uniteBits(keys));
    const digitBits = chooseDigitBits(length, keyBits);
    let from: Keyed = { indices, keys };
    for (let shift = 0, turn: 0 | 1 = 0; shift < keyBits; shift += digitBits, turn = turn === 0 ? 1 : 0) {
      const to = { indices: takeIndices[turn](length), keys: takeKeys[turn](length) };
      scatter({ from, to, shift, digitBits });
      from = to;
    }
    return from;
  };
}

function uniteBits(keys: Uint32Array): number {
  let bits = 0;
  for (let i = 0; i < keys.length; i++) bits |= keys[i] as number;
  return bits;
}

/** Digits of equal size, as few as the widest table allows. */
function chooseDigitBits(length: number, keyBits: number): number {
  const widest = Math.min(MAX_DIGIT_BITS, Math.max(MIN_DIGIT_BITS, 32 - Math.clz32(length)));
  return Math.ceil(keyBits / Math.ceil(keyBits / widest));
}

/** One pass of the sort: `to` is overwritten with `from`, ordered by one digit. */
function scatter({
  from: { indices, keys },
  to: { indices: toIndices, keys: toKeys },
  shift,
  digitBits,
}: {
  from: Keyed;
  to: Keyed;
  shift: number;
  digitBits: number;
}): void {
  const mask = 2 ** digitBits - 1;
  const next = new Uint32Array(2 ** digitBits);
  for (let i = 0; i < keys.length; i++) {
    const digit = ((keys[i] as number) >>> shift) & mask;
    next[digit] = (next[digit] as number) + 1;
  }
  let start = 0;
  for (let digit = 0; digit < next.length; digit++) {
    const count = next[digit] as number;
    next[digit] = start;
    start += count;
  }
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number;
    const digit = (key >>> shift) & mask;
    const place = next[digit] as number;
    next[digit] = place + 1;
    toKeys[place] = key;
    toIndices[place] = indices[i] as number;
  }
}
