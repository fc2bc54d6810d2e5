import { present } from "#kernel/units/assert.ts";
import { type Book, buildBook } from "./book.ts";
import { MAX_QUANTITY, type Order, type Side } from "./order.ts";

/** A book whose participants have names: number n of the book is `names[n - 1]`. */
export type NamedBook = { readonly book: Book; readonly names: readonly string[] };

type NamedOrder = Omit<Order, "sequence">;

const MAX_SEQUENCE = 255;

/**
 * Builds the book of orders that carry names and no sequence. Names are numbered by their code points, so that the
 * order of the input has no influence. What one participant bids (offers) at one price is one order; where the sum
 * is more than an order can carry, it becomes several, the full ones first. Beyond the 256th they share the last
 * sequence: as all but the very last are alike, any order among them gives the same fills.
 *
 * @throws BookTooLargeError beyond the orders that a book can hold
 */
export function buildNamedBook(orders: readonly NamedOrder[]): NamedBook {
  const names = [...new Set(orders.map((order) => order.participant))].sort(compareCodePoints);
  const numbers = new Map(names.map((name, i) => [name, i + 1]));
  const sums = new Map<string, { order: NamedOrder; quantity: number }>();
  for (const order of orders) {
    const key = `${order.side} ${order.limitPriceMicroPerThousand} ${order.participant}`;
    sums.set(key, { order, quantity: (sums.get(key)?.quantity ?? 0) + order.quantity });
  }
  const numbered = [...sums.values()].flatMap(({ order, quantity }) =>
    splitOrder({
      participant: present(numbers.get(order.participant), "a participant's number"),
      side: order.side,
      limitPriceMicroPerThousand: order.limitPriceMicroPerThousand,
      quantity,
    }),
  );
  return { book: buildBook(numbered), names };
}

function splitOrder(whole: {
  participant: number;
  side: Side;
  limitPriceMicroPerThousand: number;
  quantity: number;
}): Order<number>[] {
  const parts: Order<number>[] = [];
  for (let rest = whole.quantity; rest > 0; rest -= MAX_QUANTITY) {
    const sequence = Math.min(parts.length, MAX_SEQUENCE);
    parts.push({ ...whole, quantity: Math.min(rest, MAX_QUANTITY), sequence });
  }
  return parts;
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
  }
  return a.length - b.length;
}
