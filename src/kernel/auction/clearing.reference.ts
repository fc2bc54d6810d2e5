import { divideRoundingDown, divideRoundingUp } from "#kernel/units/rounding.ts";
import type { Order, Pricing } from "./order.ts";

/**
 * The clearing in its plainest form: objects, sorted lists, bigint. It follows docs/model/clearing.md line by line and
 * is slow; tests and benchmarks compare the fast clearing with it.
 */
export type ReferenceResult = {
  clearedQuantity: bigint;
  marginalBid: bigint | null;
  marginalOffer: bigint | null;
  clearingPrice: bigint | null;
  fills: Map<Order<number>, bigint>;
  trades: { bid: Order<number>; offer: Order<number>; quantity: bigint; priceMicroPerThousand: bigint }[];
  paymentMicro: Map<number, bigint>;
  welfareExact: bigint;
};

export function clearByReference(orders: readonly Order<number>[], pricing: Pricing): ReferenceResult {
  const bids = sortByMerit(orders, "bid");
  const offers = sortByMerit(orders, "offer");
  const last = walk(bids, offers);
  const fills = new Map(orders.map((order) => [order, 0n]));
  fillSide(bids, last?.bid.limitPriceMicroPerThousand, last?.clearedQuantity ?? 0n, fills);
  fillSide(offers, last?.offer.limitPriceMicroPerThousand, last?.clearedQuantity ?? 0n, fills);
  const marginalBid = last === null ? null : BigInt(last.bid.limitPriceMicroPerThousand);
  const marginalOffer = last === null ? null : BigInt(last.offer.limitPriceMicroPerThousand);
  const clearingPrice = last === null ? null : priceOf(pricing, last, fills);
  const trades = pair(bids, offers, fills, clearingPrice);
  const clearedQuantity = last?.clearedQuantity ?? 0n;
  const paymentMicro = pay(orders, trades);
  return {
    clearedQuantity,
    marginalBid,
    marginalOffer,
    clearingPrice,
    fills,
    trades,
    paymentMicro,
    welfareExact: welfare(fills),
  };
}

function sortByMerit(orders: readonly Order<number>[], side: "bid" | "offer"): Order<number>[] {
  const sign = side === "bid" ? -1 : 1;
  return orders
    .filter((order) => order.side === side)
    .sort(
      (a, b) =>
        sign * (a.limitPriceMicroPerThousand - b.limitPriceMicroPerThousand) ||
        a.participant - b.participant ||
        a.sequence - b.sequence,
    );
}

type Last = { bid: Order<number>; offer: Order<number>; clearedQuantity: bigint };

function walk(bids: Order<number>[], offers: Order<number>[]): Last | null {
  let last: Last | null = null;
  let clearedQuantity = 0n;
  let [i, j, bidUsed, offerUsed] = [0, 0, 0, 0];
  for (;;) {
    const bid = bids[i];
    const offer = offers[j];
    if (!bid || !offer || bid.limitPriceMicroPerThousand < offer.limitPriceMicroPerThousand) return last;
    const quantity = Math.min(bid.quantity - bidUsed, offer.quantity - offerUsed);
    clearedQuantity += BigInt(quantity);
    last = { bid, offer, clearedQuantity };
    bidUsed += quantity;
    offerUsed += quantity;
    if (bidUsed === bid.quantity) [i, bidUsed] = [i + 1, 0];
    if (offerUsed === offer.quantity) [j, offerUsed] = [j + 1, 0];
  }
}

/** The midpoint, or with marginal pricing what is nearest to it between the best bid and the best offer with quantity left. */
function priceOf(pricing: Pricing, { bid, offer }: Last, fills: Map<Order<number>, bigint>): bigint | null {
  if (pricing === "midpoint") return null;
  const sum = BigInt(bid.limitPriceMicroPerThousand) + BigInt(offer.limitPriceMicroPerThousand);
  const middle = divideRoundingDown(sum, 2n);
  if (pricing === "uniform") return middle;
  const left = [...fills].filter(([order, fill]) => fill < BigInt(order.quantity)).map(([order]) => order);
  const [bestBid, bestOffer] = [sortByMerit(left, "bid")[0], sortByMerit(left, "offer")[0]];
  if (bestBid && bestBid.limitPriceMicroPerThousand > middle)
    return BigInt(bestBid.limitPriceMicroPerThousand);
  if (bestOffer && bestOffer.limitPriceMicroPerThousand < middle)
    return BigInt(bestOffer.limitPriceMicroPerThousand);
  return middle;
}

/** `orders` stand in merit order, so what comes before the marginal price is better than it. */
function fillSide(
  orders: Order<number>[],
  marginalPrice: number | undefined,
  clearedQuantity: bigint,
  fills: Map<Order<number>, bigint>,
): void {
  if (marginalPrice === undefined) return;
  const first = orders.findIndex((order) => order.limitPriceMicroPerThousand === marginalPrice);
  const better = orders.slice(0, first);
  for (const order of better) fills.set(order, BigInt(order.quantity));
  const level = orders.filter((order) => order.limitPriceMicroPerThousand === marginalPrice);
  const shares = shareLevel(level, clearedQuantity - sumQuantity(better));
  for (const order of level) {
    const rest = shares.get(order.participant) ?? 0n;
    const fill = rest < BigInt(order.quantity) ? rest : BigInt(order.quantity);
    fills.set(order, fill);
    shares.set(order.participant, rest - fill);
  }
}

function shareLevel(level: Order<number>[], toShare: bigint): Map<number, bigint> {
  const total = sumQuantity(level);
  const claims = [...new Set(level.map((order) => order.participant))].map((participant) => {
    const claim = sumQuantity(level.filter((order) => order.participant === participant));
    return { participant, whole: (claim * toShare) / total, rest: (claim * toShare) % total };
  });
  const shares = new Map(claims.map(({ participant, whole }) => [participant, whole]));
  const leftOver = Number(claims.reduce((sum, { whole }) => sum - whole, toShare));
  const byRest = claims.sort((a, b) => Number(b.rest - a.rest) || a.participant - b.participant);
  for (const { participant, whole } of byRest.slice(0, leftOver)) shares.set(participant, whole + 1n);
  return shares;
}

function pair(
  bids: Order<number>[],
  offers: Order<number>[],
  fills: Map<Order<number>, bigint>,
  clearingPrice: bigint | null,
): ReferenceResult["trades"] {
  const trades: ReferenceResult["trades"] = [];
  const rest = new Map(fills);
  for (const bid of bids) {
    for (const offer of offers) {
      const [bidRest, offerRest] = [rest.get(bid) ?? 0n, rest.get(offer) ?? 0n];
      const quantity = bidRest < offerRest ? bidRest : offerRest;
      if (quantity === 0n) continue;
      const sum = BigInt(bid.limitPriceMicroPerThousand) + BigInt(offer.limitPriceMicroPerThousand);
      trades.push({
        bid,
        offer,
        quantity,
        priceMicroPerThousand: clearingPrice ?? divideRoundingDown(sum, 2n),
      });
      rest.set(bid, bidRest - quantity);
      rest.set(offer, offerRest - quantity);
    }
  }
  return trades;
}

function pay(orders: readonly Order<number>[], trades: ReferenceResult["trades"]): Map<number, bigint> {
  const exact = new Map(orders.map((order) => [order.participant, 0n]));
  for (const { bid, offer, quantity, priceMicroPerThousand } of trades) {
    exact.set(bid.participant, (exact.get(bid.participant) ?? 0n) + quantity * priceMicroPerThousand);
    exact.set(offer.participant, (exact.get(offer.participant) ?? 0n) - quantity * priceMicroPerThousand);
  }
  return new Map([...exact].map(([participant, amount]) => [participant, divideRoundingUp(amount, 1_000n)]));
}

function welfare(fills: Map<Order<number>, bigint>): bigint {
  let sum = 0n;
  for (const [order, fill] of fills) {
    sum += (order.side === "bid" ? 1n : -1n) * fill * BigInt(order.limitPriceMicroPerThousand);
  }
  return sum;
}

function sumQuantity(orders: readonly Order<number>[]): bigint {
  return orders.reduce((sum, order) => sum + BigInt(order.quantity), 0n);
}
