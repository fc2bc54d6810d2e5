import { divideRoundingDown, divideRoundingUp } from "#kernel/units/rounding.ts";
import type { Order, Pricing } from "./order.ts";

/**
 * The clearing in its plainest form: objects, sorted lists, bigint. It follows docs/model/clearing.md line by line and
 * is slow; tests and benchmarks compare the fast clearing with it.
 */
export type ReferenceResult = {
  clearedWh: bigint;
  marginalBid: bigint | null;
  marginalOffer: bigint | null;
  clearingPrice: bigint | null;
  fillWh: Map<Order<number>, bigint>;
  trades: { bid: Order<number>; offer: Order<number>; energyWh: bigint; priceMicroPerKwh: bigint }[];
  paymentMicro: Map<number, bigint>;
  welfareExact: bigint;
};

export function clearByReference(orders: readonly Order<number>[], pricing: Pricing): ReferenceResult {
  const bids = sortByMerit(orders, "bid");
  const offers = sortByMerit(orders, "offer");
  const last = walk(bids, offers);
  const fillWh = new Map(orders.map((order) => [order, 0n]));
  fillSide(bids, last?.bid.limitPriceMicroPerKwh, last?.clearedWh ?? 0n, fillWh);
  fillSide(offers, last?.offer.limitPriceMicroPerKwh, last?.clearedWh ?? 0n, fillWh);
  const marginalBid = last === null ? null : BigInt(last.bid.limitPriceMicroPerKwh);
  const marginalOffer = last === null ? null : BigInt(last.offer.limitPriceMicroPerKwh);
  const clearingPrice =
    pricing === "midpoint" || marginalBid === null || marginalOffer === null
      ? null
      : divideRoundingDown(marginalBid + marginalOffer, 2n);
  const trades = pair(bids, offers, fillWh, clearingPrice);
  const clearedWh = last?.clearedWh ?? 0n;
  const paymentMicro = pay(orders, trades);
  return {
    clearedWh,
    marginalBid,
    marginalOffer,
    clearingPrice,
    fillWh,
    trades,
    paymentMicro,
    welfareExact: welfare(fillWh),
  };
}

function sortByMerit(orders: readonly Order<number>[], side: "bid" | "offer"): Order<number>[] {
  const sign = side === "bid" ? -1 : 1;
  return orders
    .filter((order) => order.side === side)
    .sort(
      (a, b) =>
        sign * (a.limitPriceMicroPerKwh - b.limitPriceMicroPerKwh) ||
        a.participant - b.participant ||
        a.sequence - b.sequence,
    );
}

type Last = { bid: Order<number>; offer: Order<number>; clearedWh: bigint };

function walk(bids: Order<number>[], offers: Order<number>[]): Last | null {
  let last: Last | null = null;
  let clearedWh = 0n;
  let [i, j, bidUsed, offerUsed] = [0, 0, 0, 0];
  for (;;) {
    const bid = bids[i];
    const offer = offers[j];
    if (!bid || !offer || bid.limitPriceMicroPerKwh < offer.limitPriceMicroPerKwh) return last;
    const energyWh = Math.min(bid.energyWh - bidUsed, offer.energyWh - offerUsed);
    clearedWh += BigInt(energyWh);
    last = { bid, offer, clearedWh };
    bidUsed += energyWh;
    offerUsed += energyWh;
    if (bidUsed === bid.energyWh) [i, bidUsed] = [i + 1, 0];
    if (offerUsed === offer.energyWh) [j, offerUsed] = [j + 1, 0];
  }
}

/** `orders` stand in merit order, so what comes before the marginal price is better than it. */
function fillSide(
  orders: Order<number>[],
  marginalPrice: number | undefined,
  clearedWh: bigint,
  fillWh: Map<Order<number>, bigint>,
): void {
  if (marginalPrice === undefined) return;
  const first = orders.findIndex((order) => order.limitPriceMicroPerKwh === marginalPrice);
  const better = orders.slice(0, first);
  for (const order of better) fillWh.set(order, BigInt(order.energyWh));
  const level = orders.filter((order) => order.limitPriceMicroPerKwh === marginalPrice);
  const shares = shareLevel(level, clearedWh - sumEnergy(better));
  for (const order of level) {
    const rest = shares.get(order.participant) ?? 0n;
    const fill = rest < BigInt(order.energyWh) ? rest : BigInt(order.energyWh);
    fillWh.set(order, fill);
    shares.set(order.participant, rest - fill);
  }
}

function shareLevel(level: Order<number>[], toShareWh: bigint): Map<number, bigint> {
  const totalWh = sumEnergy(level);
  const claims = [...new Set(level.map((order) => order.participant))].map((participant) => {
    const claimWh = sumEnergy(level.filter((order) => order.participant === participant));
    return { participant, whole: (claimWh * toShareWh) / totalWh, rest: (claimWh * toShareWh) % totalWh };
  });
  const shares = new Map(claims.map(({ participant, whole }) => [participant, whole]));
  const leftOver = Number(claims.reduce((sum, { whole }) => sum - whole, toShareWh));
  const byRest = claims.sort((a, b) => Number(b.rest - a.rest) || a.participant - b.participant);
  for (const { participant, whole } of byRest.slice(0, leftOver)) shares.set(participant, whole + 1n);
  return shares;
}

function pair(
  bids: Order<number>[],
  offers: Order<number>[],
  fillWh: Map<Order<number>, bigint>,
  clearingPrice: bigint | null,
): ReferenceResult["trades"] {
  const trades: ReferenceResult["trades"] = [];
  const rest = new Map(fillWh);
  for (const bid of bids) {
    for (const offer of offers) {
      const [bidRest, offerRest] = [rest.get(bid) ?? 0n, rest.get(offer) ?? 0n];
      const energyWh = bidRest < offerRest ? bidRest : offerRest;
      if (energyWh === 0n) continue;
      const sum = BigInt(bid.limitPriceMicroPerKwh) + BigInt(offer.limitPriceMicroPerKwh);
      trades.push({ bid, offer, energyWh, priceMicroPerKwh: clearingPrice ?? divideRoundingDown(sum, 2n) });
      rest.set(bid, bidRest - energyWh);
      rest.set(offer, offerRest - energyWh);
    }
  }
  return trades;
}

function pay(orders: readonly Order<number>[], trades: ReferenceResult["trades"]): Map<number, bigint> {
  const exact = new Map(orders.map((order) => [order.participant, 0n]));
  for (const { bid, offer, energyWh, priceMicroPerKwh } of trades) {
    exact.set(bid.participant, (exact.get(bid.participant) ?? 0n) + energyWh * priceMicroPerKwh);
    exact.set(offer.participant, (exact.get(offer.participant) ?? 0n) - energyWh * priceMicroPerKwh);
  }
  return new Map([...exact].map(([participant, amount]) => [participant, divideRoundingUp(amount, 1_000n)]));
}

function welfare(fillWh: Map<Order<number>, bigint>): bigint {
  let sum = 0n;
  for (const [order, fill] of fillWh) {
    sum += (order.side === "bid" ? 1n : -1n) * fill * BigInt(order.limitPriceMicroPerKwh);
  }
  return sum;
}

function sumEnergy(orders: readonly Order<number>[]): bigint {
  return orders.reduce((sum, order) => sum + BigInt(order.energyWh), 0n);
}
