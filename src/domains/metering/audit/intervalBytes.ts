/** A byte for each interval, 0 until it is set; `key` tells areas, pages and purposes apart. */
export type IntervalBytes = {
  get(key: string, intervalId: number): number;
  /** @param value 0…255 */
  set(key: string, intervalId: number, value: number): void;
};

/** Intervals that lie together: 42 days of quarter-hours in a page of memory. */
const CHUNK = 4_096;

/** Bytes in chunks: where intervals follow each other, a year of quarter-hours takes 35 kB a key. */
export function createIntervalBytes(): IntervalBytes {
  const chunks = new Map<string, Uint8Array>();
  const keyOf = (key: string, intervalId: number) => `${key}/${Math.floor(intervalId / CHUNK)}`;
  return {
    get: (key, intervalId) => chunks.get(keyOf(key, intervalId))?.[intervalId % CHUNK] ?? 0,
    set(key, intervalId, value) {
      const chunk = chunks.get(keyOf(key, intervalId)) ?? new Uint8Array(CHUNK);
      chunk[intervalId % CHUNK] = value;
      chunks.set(keyOf(key, intervalId), chunk);
    },
  };
}
