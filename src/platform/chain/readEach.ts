/** Requests under way at once; keeps the connections to a node few. */
const MAX_PARALLEL_READS = 32;

/** Reads something of each item, a few at once, and gives it in the order of the items. */
export async function readEach<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += MAX_PARALLEL_READS)
    results.push(...(await Promise.all(items.slice(at, at + MAX_PARALLEL_READS).map(read))));
  return results;
}
