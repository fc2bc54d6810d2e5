import { type AdmittedOrders, orderId } from "./admission.ts";
import type { Order, Side } from "./order.ts";

/** Books that are filled until each is taken, by the number of the interval or period that they are of. */
export type OpenBooks<Item> = {
  /** What admission has to know of a book. */
  admitted(id: number): AdmittedOrders<number>;
  put(id: number, item: Item): void;
  remove(id: number, item: Item): void;
  /** A book by arrival. */
  itemsOf(id: number): readonly Item[];
  all(): readonly Item[];
  /** Takes a book; it is then gone. */
  take(id: number): readonly Item[];
};

type OpenBook<Item> = {
  readonly ids: Set<string>;
  readonly sides: Map<number, Side>;
  readonly items: Item[];
};

const NO_ORDERS: AdmittedOrders<number> = { ids: new Set(), sides: new Map() };

/** Empty books; `orderOf` says what an item asks for. */
export function createOpenBooks<Item>(orderOf: (item: Item) => Order<number>): OpenBooks<Item> {
  const books = new Map<number, OpenBook<Item>>();
  return {
    admitted: (id) => books.get(id) ?? NO_ORDERS,
    put(id, item) {
      const book: OpenBook<Item> = books.get(id) ?? { ids: new Set(), sides: new Map(), items: [] };
      const order = orderOf(item);
      books.set(id, book);
      book.ids.add(orderId(order));
      book.sides.set(order.participant, order.side);
      book.items.push(item);
    },
    remove(id, item) {
      const book = books.get(id);
      if (!book) return;
      const order = orderOf(item);
      book.ids.delete(orderId(order));
      book.items.splice(book.items.indexOf(item), 1);
      const stands = book.items.some((other) => orderOf(other).participant === order.participant);
      if (!stands) book.sides.delete(order.participant);
    },
    itemsOf: (id) => books.get(id)?.items ?? [],
    all: () => [...books.values()].flatMap(({ items }) => items),
    take(id) {
      const items = books.get(id)?.items ?? [];
      books.delete(id);
      return items;
    },
  };
}
