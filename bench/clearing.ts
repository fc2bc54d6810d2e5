import { type LimitOrderOptions, OrderBook, Side } from "nodejs-order-book";
import type { Book, SideBook } from "#kernel/auction/book.ts";
import { clearBook } from "#kernel/auction/clearing.ts";
import { PRICINGS, type Pricing } from "#kernel/auction/order.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import { type Random, seededRandom } from "#kernel/units/random.ts";

/** One measurement; `ratio` is peerValue / value, null where the peer was not measured. */
export type ClearingRow = {
  bench: "clearing";
  case: `${Pricing}, ${Work}`;
  n: number;
  value: number;
  unit: "ms";
  peer: "naive" | "nodejs-order-book";
  peerValue: number | null;
  ratio: number | null;
};

/** Price and fills is all that payments at one price need; midpoints need the list of trades. */
type Work = "price and fills" | "with trades";

const SIZES = [1_000, 10_000, 100_000, 1_000_000] as const;
const SEED = 9_008;

/** A peer that needs longer for a book is left out of that size. */
const PEER_PATIENCE_MS = 20_000;

const WARM_UP_MS = 500;

/** A peer that is quicker than this is measured a second time, when it has been compiled. */
const WARM_UP_BELOW_MS = 2_000;

/**
 * Clears one seeded book a size, without and with the list of trades, and sets it beside two peers: objects that are
 * sorted and matched, and the continuous limit order book of nodejs-order-book.
 */
export function* benchClearing(): Generator<ClearingRow> {
  for (const n of SIZES) {
    const book = randomBook(n);
    const runs = n <= 10_000 ? 301 : n <= 100_000 ? 41 : 15;
    const naiveRuns = n <= 10_000 ? 31 : 5;
    const coldMs = timeOrderBook(book);
    const orderBookMs = coldMs !== null && coldMs < WARM_UP_BELOW_MS ? timeOrderBook(book) : coldMs;
    for (const pricing of PRICINGS) {
      const { bids, offers } = naiveBook(book);
      const naiveMs = medianMs(naiveRuns, () => clearNaively({ bids, offers, pricing }));
      const works: [Work, () => unknown][] = [
        ["price and fills", () => clearBook(book, pricing)],
        ["with trades", () => pairTrades(book, clearBook(book, pricing))],
      ];
      for (const [work, action] of works) {
        const measured = { case: `${pricing}, ${work}` as const, n, value: medianMs(runs, action) };
        yield row({ ...measured, peer: "naive", peerValue: naiveMs });
        yield row({ ...measured, peer: "nodejs-order-book", peerValue: orderBookMs });
      }
    }
  }
}

function row({
  case: measured,
  n,
  value,
  peer,
  peerValue,
}: {
  case: ClearingRow["case"];
  n: number;
  value: number;
  peer: ClearingRow["peer"];
  peerValue: number | null;
}): ClearingRow {
  const ratio = peerValue === null ? null : round(peerValue / value);
  return {
    bench: "clearing",
    case: measured,
    n,
    value: round(value),
    unit: "ms",
    peer,
    peerValue: peerValue && round(peerValue),
    ratio,
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** Runs for a while first, so that the compiler has settled on its final code. */
function medianMs(runs: number, action: () => unknown): number {
  const warmUntil = performance.now() + WARM_UP_MS;
  do action();
  while (performance.now() < warmUntil);
  const times = Array.from({ length: runs }, () => {
    const startedAt = performance.now();
    action();
    return performance.now() - startedAt;
  }).sort((a, b) => a - b);
  return times[runs >> 1] ?? Number.NaN;
}

/** Half bids (0.08 to 0.36 currency per kWh), half offers (0.06 to 0.30), one order a participant in random order. */
function randomBook(n: number): Book {
  const random = seededRandom(SEED);
  const half = n / 2;
  return {
    bids: randomSide({ random, orders: half, lowest: 80_000, highest: 360_000 }),
    offers: randomSide({ random, orders: half, lowest: 60_000, highest: 300_000 }),
  };
}

function randomSide({
  random,
  orders,
  lowest,
  highest,
}: {
  random: Random;
  orders: number;
  lowest: number;
  highest: number;
}): SideBook {
  const below = (bound: number) => Math.floor(random() * bound);
  const participant = Uint32Array.from({ length: orders }, (_, i) => i);
  for (let i = orders - 1; i > 0; i--) {
    const other = below(i + 1);
    [participant[i], participant[other]] = [participant[other] ?? 0, participant[i] ?? 0];
  }
  return {
    participant,
    limitPriceMicroPerThousand: Int32Array.from(
      { length: orders },
      () => lowest + below(highest - lowest + 1),
    ),
    quantity: Uint32Array.from({ length: orders }, () => 100 + below(4_900)),
    sequence: new Uint8Array(orders),
  };
}

type NaiveOrder = { participant: number; price: number; energyWh: number };

function naiveBook({ bids, offers }: Book): { bids: NaiveOrder[]; offers: NaiveOrder[] } {
  const toObjects = (side: SideBook) =>
    Array.from(side.participant, (participant, i) => ({
      participant,
      price: side.limitPriceMicroPerThousand[i] ?? 0,
      energyWh: side.quantity[i] ?? 0,
    }));
  return { bids: toObjects(bids), offers: toObjects(offers) };
}

/**
 * Algorithm 1 as one would write it first: sorted objects and two heads. It shares nothing pro rata, and its one price is the
 * midpoint: it looks at nothing that is left out.
 */
function clearNaively({
  bids,
  offers,
  pricing,
}: {
  bids: NaiveOrder[];
  offers: NaiveOrder[];
  pricing: Pricing;
}) {
  const demand = bids
    .map((bid) => ({ ...bid }))
    .sort((a, b) => b.price - a.price || a.participant - b.participant);
  const supply = offers
    .map((offer) => ({ ...offer }))
    .sort((a, b) => a.price - b.price || a.participant - b.participant);
  const trades: { buyer: number; seller: number; energyWh: number; price: number }[] = [];
  let [i, j, price] = [0, 0, 0];
  for (;;) {
    const [bid, offer] = [demand[i], supply[j]];
    if (bid === undefined || offer === undefined || bid.price < offer.price) break;
    const energyWh = Math.min(bid.energyWh, offer.energyWh);
    price = Math.floor((bid.price + offer.price) / 2);
    trades.push({ buyer: bid.participant, seller: offer.participant, energyWh, price });
    bid.energyWh -= energyWh;
    offer.energyWh -= energyWh;
    if (bid.energyWh === 0) i++;
    if (offer.energyWh === 0) j++;
  }
  if (pricing !== "midpoint") for (const trade of trades) trade.price = price;
  return trades;
}

/**
 * Inserts all orders, bids and offers by turns, into a continuous limit order book. It does another job: each order is
 * matched as it arrives against the best resting ones, at their prices, by time and without pro rata, so that the
 * outcome depends on the order of arrival. Null when it takes longer than {@link PEER_PATIENCE_MS}.
 */
function timeOrderBook(book: Book): number | null {
  const orders = arrivals(book);
  const orderBook = new OrderBook();
  const startedAt = performance.now();
  for (const [i, order] of orders.entries()) {
    orderBook.limit(order);
    if (i % 256 === 0 && performance.now() - startedAt > PEER_PATIENCE_MS) return null;
  }
  return performance.now() - startedAt;
}

function arrivals({ bids, offers }: Book): LimitOrderOptions[] {
  const toLimit = (side: SideBook, kind: Side, i: number) => ({
    id: `${kind}${i}`,
    side: kind,
    size: side.quantity[i] ?? 0,
    price: side.limitPriceMicroPerThousand[i] ?? 0,
  });
  return Array.from(bids.quantity, (_, i) => [
    toLimit(bids, Side.BUY, i),
    toLimit(offers, Side.SELL, i),
  ]).flat();
}
