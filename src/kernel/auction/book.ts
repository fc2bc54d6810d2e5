import { assert } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import {
  MAX_PRICE_MICRO_PER_THOUSAND,
  MAX_QUANTITY,
  MIN_PRICE_MICRO_PER_THOUSAND,
  type Order,
} from "./order.ts";

/**
 * One side of a book, as parallel arrays: entry `i` of each belongs to order `i` of the side. The order of the entries
 * carries no meaning.
 *
 * @property participant account number, 0 … 2³² − 1
 * @property limitPriceMicroPerThousand worst acceptable price, signed
 * @property quantity 1 … 2³² − 1
 * @property sequence tells the orders of one participant at one price apart, 0 … 255
 */
export type SideBook = {
  readonly participant: Uint32Array;
  readonly limitPriceMicroPerThousand: Int32Array;
  readonly quantity: Uint32Array;
  readonly sequence: Uint8Array;
};

/** All orders of one delivery interval, on typed arrays for the clearing. */
export type Book = { readonly bids: SideBook; readonly offers: SideBook };

/** Orders a side: 2²¹ orders below 2³² units keep every sum of quantities below 2⁵³, where doubles are exact. */
export const MAX_SIDE_ORDERS = 2 ** 21;

/**
 * Puts admitted orders into a book. Bids keep their order among themselves, and so do offers, so that fill `i` of a
 * clearing belongs to the i-th bid (offer) of `orders`.
 *
 * @throws BookTooLargeError beyond {@link MAX_SIDE_ORDERS} bids or offers
 */
export function buildBook(orders: readonly Order<number>[]): Book {
  return {
    bids: buildSide(orders.filter((order) => order.side === "bid")),
    offers: buildSide(orders.filter((order) => order.side === "offer")),
  };
}

function buildSide(orders: readonly Order<number>[]): SideBook {
  if (orders.length > MAX_SIDE_ORDERS) throw new BookTooLargeError(orders.length);
  const side: SideBook = {
    participant: new Uint32Array(orders.length),
    limitPriceMicroPerThousand: new Int32Array(orders.length),
    quantity: new Uint32Array(orders.length),
    sequence: new Uint8Array(orders.length),
  };
  orders.forEach((order, i) => {
    assertFits(order);
    side.participant[i] = order.participant;
    side.limitPriceMicroPerThousand[i] = order.limitPriceMicroPerThousand;
    side.quantity[i] = order.quantity;
    side.sequence[i] = order.sequence;
  });
  return side;
}

function assertFits({ participant, limitPriceMicroPerThousand, quantity, sequence }: Order<number>): void {
  assert(isWholeWithin(participant, 0, 2 ** 32 - 1), "a participant's number does not fit 32 bits");
  assert(
    isWholeWithin(quantity, 1, MAX_QUANTITY),
    "an order of the book has a quantity outside 1 … 2³² − 1 units",
  );
  assert(isWholeWithin(sequence, 0, 255), "an order's sequence does not fit 8 bits");
  assert(
    isWholeWithin(limitPriceMicroPerThousand, MIN_PRICE_MICRO_PER_THOUSAND, MAX_PRICE_MICRO_PER_THOUSAND),
    "an order's limit price does not fit 32 bits",
  );
}

function isWholeWithin(value: number, least: number, greatest: number): boolean {
  return Number.isInteger(value) && value >= least && value <= greatest;
}

export class BookTooLargeError extends DomainError {
  readonly code = "bookTooLarge";

  constructor(orders: number) {
    super(
      `a side of the book has ${orders} orders, more than the ${MAX_SIDE_ORDERS} that one clearing takes`,
    );
  }
}
