import { type Book, buildBook } from "#kernel/auction/book.ts";
import { auctionOrder, type Order } from "./order.ts";

/**
 * Puts admitted orders into the auction's book, whose quantities are Wh and whose prices are micro per kWh. Bids keep
 * their order among themselves, and so do offers.
 *
 * @throws BookTooLargeError beyond MAX_SIDE_ORDERS bids or offers
 */
export function buildEnergyBook(orders: readonly Order<number>[]): Book {
  return buildBook(orders.map(auctionOrder));
}
