import { buildBook } from "#kernel/auction/book.ts";
import { type Clearing, clearBook } from "#kernel/auction/clearing.ts";
import type { Order, Pricing } from "#kernel/auction/order.ts";
import { participantTotals, remainderMicro } from "#kernel/auction/payments.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import { assert, present } from "#kernel/units/assert.ts";

/** Quota that went from one station to another at a price (R9.9, E9.7); prices are micro per kW and period. */
export type QuotaTrade = {
  readonly buyer: number;
  readonly seller: number;
  readonly quotaW: number;
  readonly priceMicroPerKw: number;
};

/** What the auction made of a station: at most one of bought and sold is not zero. `paymentMicro` is positive where it pays. */
export type QuotaPosition = {
  readonly member: number;
  readonly boughtW: number;
  readonly soldW: number;
  readonly paymentMicro: bigint;
};

/**
 * The auction of quotas (R9.8, R9.9): trades in merit order, positions of all who had an order, by rising member, and what
 * rounding left, in micro. What is bought is what is sold, and the payments and the remainder sum to nothing.
 */
export type QuotaAuction = {
  readonly clearing: Clearing;
  readonly trades: readonly QuotaTrade[];
  readonly positions: readonly QuotaPosition[];
  readonly remainderMicro: bigint;
};

/** Clears bids and offers of quota, in W at a price per kW, by the kernel's double auction. */
export function auctionQuotas(orders: readonly Order<number>[], pricing: Pricing): QuotaAuction {
  const book = buildBook(orders);
  const clearing = clearBook(book, pricing);
  const paired = pairTrades(book, clearing);
  const totals = participantTotals(book, clearing);
  return {
    clearing,
    trades: Array.from(paired.quantity, (quotaW, i) => ({
      buyer: present(book.bids.participant[present(paired.bid[i], "a trade's bid")], "a buyer"),
      seller: present(book.offers.participant[present(paired.offer[i], "a trade's offer")], "a seller"),
      quotaW,
      priceMicroPerKw: present(paired.priceMicroPerThousand[i], "a trade's price"),
    })),
    positions: Array.from(totals, ([member, { bought, sold, paymentMicro }]) => ({
      member,
      boughtW: Number(bought),
      soldW: Number(sold),
      paymentMicro,
    })),
    remainderMicro: remainderMicro(totals),
  };
}

/** Quotas after the auction, by member: the sum is what it was (R9.10). */
export function quotasAfter(
  quotasW: ReadonlyMap<number, number>,
  positions: readonly QuotaPosition[],
): ReadonlyMap<number, number> {
  const after = new Map(quotasW);
  for (const { member, boughtW, soldW } of positions) {
    const quotaW = (after.get(member) ?? 0) + boughtW - soldW;
    assert(quotaW >= 0, `station ${member} sold more quota than it has`);
    after.set(member, quotaW);
  }
  return after;
}
