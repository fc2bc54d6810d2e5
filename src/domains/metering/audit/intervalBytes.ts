import { numberOf, wordOf } from "#kernel/crypto/hex.ts";

/** A byte for each interval, 0 until it is set; `key` tells areas apart. */
export type IntervalBytes = {
  get(key: string, intervalId: number): number;
  /** @param value 0…255 */
  set(key: string, intervalId: number, value: number): void;
};

/** 256 bits for each interval, 0 until they are set; `key` tells areas and pages apart. */
export type IntervalSets = {
  get(key: string, intervalId: number): bigint;
  add(key: string, intervalId: number, bits: bigint): void;
};

/** Intervals that lie together: 42 days of quarter-hours in a page of memory. */
const CHUNK = 4_096;
const WORD_BYTES = 32;

/** Bytes in chunks: where intervals follow each other, a year of quarter-hours takes 35 kB a key. */
export function createIntervalBytes(): IntervalBytes {
  const chunkOf = createChunks(1);
  return {
    get: (key, intervalId) => chunkOf(key, intervalId)[0] ?? 0,
    set: (key, intervalId, value) => void chunkOf(key, intervalId).set([value]),
  };
}

/** Sets in chunks: where intervals follow each other, a year of quarter-hours takes 1.1 MB a key. */
export function createIntervalSets(): IntervalSets {
  const chunkOf = createChunks(WORD_BYTES);
  return {
    get: (key, intervalId) => numberOf(chunkOf(key, intervalId)),
    add(key, intervalId, bits) {
      const place = chunkOf(key, intervalId);
      place.set(wordOf(numberOf(place) | bits));
    },
  };
}

/** Gives the bytes of an interval, `width` of them; they are zero until they are written to. */
function createChunks(width: number): (key: string, intervalId: number) => Uint8Array {
  const chunks = new Map<string, Uint8Array>();
  return (key, intervalId) => {
    const chunkKey = `${key}/${Math.floor(intervalId / CHUNK)}`;
    const chunk = chunks.get(chunkKey) ?? new Uint8Array(CHUNK * width);
    chunks.set(chunkKey, chunk);
    const start = (intervalId % CHUNK) * width;
    return chunk.subarray(start, start + width);
  };
}
