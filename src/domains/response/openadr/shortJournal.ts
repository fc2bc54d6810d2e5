import type { Journal } from "#platform/system/journal.ts";

/** A journal that is so many times longer than when it was last written anew is written anew. */
const GROWTH = 4;
const LEAST_BYTES = 1_048_576;

/** Gives back what keeps a journal from growing without end: `all` takes the place of everything that led to it. */
export function createShortener(journal: Journal, all: () => readonly unknown[]): () => void {
  let before = Math.max(journal.bytes(), LEAST_BYTES);
  return () => {
    if (journal.bytes() < before * GROWTH) return;
    journal.replace(all());
    before = Math.max(journal.bytes(), LEAST_BYTES);
  };
}
