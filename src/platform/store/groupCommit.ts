/**
 * Makes items durable together: those that come in one turn of the event loop are handed to `write` at once, in their order,
 * and each is done when `write` returned. An order that waits for the disk alone takes milliseconds; a thousand together take
 * as long as one.
 */
export function groupCommit<Item>(write: (items: readonly Item[]) => void): (item: Item) => Promise<void> {
  let waiting: { readonly item: Item; done(): void; failed(cause: unknown): void }[] = [];
  const flush = () => {
    const group = waiting;
    waiting = [];
    try {
      write(group.map(({ item }) => item));
      for (const { done } of group) done();
    } catch (cause) {
      for (const { failed } of group) failed(cause);
    }
  };
  return (item) =>
    new Promise((done, failed) => {
      if (waiting.push({ item, done, failed }) === 1) setImmediate(flush);
    });
}
