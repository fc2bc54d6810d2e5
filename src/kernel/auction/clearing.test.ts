import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { seededRandom } from "#kernel/units/random.ts";
import { type Book, buildBook } from "./book.ts";
import { clearByReference } from "./clearing.reference.ts";
import { clearBook, clearMidpoint, clearUniformPrice, midpoint } from "./clearing.ts";
import { type Order, PRICINGS, type Pricing, type Side } from "./order.ts";
import { participantTotals, remainderMicro, welfareMicro } from "./payments.ts";
import { pairTrades } from "./trades.ts";

const CASES = join(import.meta.dirname, "../../../cases/clearing");

/** The cases speak of a pool: Wh and micro per kWh. */
type Columns = Record<"participant" | "limitPriceMicroPerKwh" | "energyWh" | "sequence", number[]>;

function readCase(name: string, file: string) {
  return JSON.parse(readFileSync(join(CASES, name, file), "utf8"));
}

function toOrders(side: Side, columns: Columns): Order<number>[] {
  return columns.participant.map((participant, i) => ({
    side,
    participant,
    limitPriceMicroPerThousand: columns.limitPriceMicroPerKwh[i]!,
    quantity: columns.energyWh[i]!,
    sequence: columns.sequence[i]!,
  }));
}

function order(
  side: Side,
  participant: number,
  limitPriceMicroPerThousand: number,
  quantity: number,
  sequence = 0,
) {
  return { side, participant, limitPriceMicroPerThousand, quantity, sequence };
}

function listTrades(book: Book, pricing: Pricing) {
  const trades = pairTrades(book, clearBook(book, pricing));
  return Array.from(trades.quantity, (quantity, i) => [
    book.bids.participant[trades.bid[i]!],
    book.offers.participant[trades.offer[i]!],
    quantity,
    trades.priceMicroPerThousand[i],
  ]);
}

describe("golden cases", () => {
  it.each(readdirSync(CASES))("%s", (name) => {
    const input: { pricing: Pricing; bids: Columns; offers: Columns } = readCase(name, "input.json");
    const book = buildBook([...toOrders("bid", input.bids), ...toOrders("offer", input.offers)]);
    const clearing = clearBook(book, input.pricing);
    const totals = participantTotals(book, clearing);
    const price = clearing.clearingPriceMicroPerThousand;
    expect({
      clearedWh: clearing.clearedQuantity,
      hasPrice: price !== null,
      ...(price === null ? {} : { clearingPriceMicroPerKwh: price }),
      ...(clearing.clearedQuantity === 0
        ? {}
        : {
            marginalBidMicroPerKwh: clearing.marginalBidMicroPerThousand,
            marginalOfferMicroPerKwh: clearing.marginalOfferMicroPerThousand,
          }),
      bidFillWh: [...clearing.bidFills],
      offerFillWh: [...clearing.offerFills],
      participants: [...totals.keys()],
      boughtWh: Array.from(totals.values(), (total) => Number(total.bought)),
      soldWh: Array.from(totals.values(), (total) => Number(total.sold)),
      paymentMicro: Array.from(totals.values(), (total) => Number(total.paymentMicro)),
      remainderMicro: Number(remainderMicro(totals)),
    }).toEqual(readCase(name, "expected.json"));
  });
});

describe("the charging stations of R9.21", () => {
  const input = readCase("station-quotas-midpoint", "input.json");
  const book = buildBook([...toOrders("bid", input.bids), ...toOrders("offer", input.offers)]);
  const [A, B, C, D, E, F, G, H] = [1, 2, 3, 4, 5, 6, 7, 8] as const;

  it("trade the pairs of R9.9", () => {
    expect(listTrades(book, "midpoint")).toEqual([
      [E, H, 3_200, 22_000_000],
      [D, H, 3_600, 21_000_000],
      [D, F, 7_200, 22_500_000],
      [D, C, 100, 24_000_000],
      [B, C, 6_500, 23_000_000],
    ]);
  });

  it("gain 138.2 tokens together, and A and G nothing", () => {
    const clearing = clearUniformPrice(book);
    expect(welfareMicro(book, clearing)).toBe(138_200_000n);
    const totals = participantTotals(book, clearing);
    expect(totals.get(A)).toMatchObject({ sold: 0n, paymentMicro: 0n });
    expect(totals.get(G)).toMatchObject({ bought: 0n, paymentMicro: 0n });
  });
});

describe("clearBook", () => {
  it("records no empty trade when both heads are exhausted at once (E9.8)", () => {
    const book = buildBook([
      order("bid", 1, 30, 5),
      order("bid", 2, 11, 2),
      order("offer", 3, 10, 5),
      order("offer", 4, 12, 2),
    ]);
    expect(listTrades(book, "midpoint")).toEqual([[1, 3, 5, 20]]);
  });

  it("clears an empty book", () => {
    const clearing = clearMidpoint(buildBook([]));
    expect(clearing).toMatchObject({
      clearedQuantity: 0,
      marginalBidMicroPerThousand: null,
      clearingPriceMicroPerThousand: null,
    });
    expect(clearing.bidRationing).toEqual({
      levelQuantity: 0,
      filledQuantity: 0,
      cutRemainder: 0,
      cutParticipant: 0,
    });
  });

  it("publishes the cut of the rationed side, and none on the side that is filled whole", () => {
    const book = buildBook([
      ...[1, 2, 3].map((participant) => order("bid", participant, 200, 50)),
      order("offer", 9, 100, 100),
    ]);
    const clearing = clearUniformPrice(book);
    expect([...clearing.bidFills]).toEqual([34, 33, 33]);
    expect(clearing.bidRationing).toEqual({
      levelQuantity: 150,
      filledQuantity: 100,
      cutRemainder: 50,
      cutParticipant: 1,
    });
    expect(clearing.offerRationing).toEqual({
      levelQuantity: 100,
      filledQuantity: 100,
      cutRemainder: 100,
      cutParticipant: 0,
    });
  });

  it("gives nobody an extra unit when the shares come out whole", () => {
    const book = buildBook([order("bid", 0, 200, 50), order("bid", 1, 200, 50), order("offer", 9, 100, 50)]);
    const clearing = clearUniformPrice(book);
    expect([...clearing.bidFills]).toEqual([25, 25]);
    expect(clearing.bidRationing).toEqual({
      levelQuantity: 100,
      filledQuantity: 50,
      cutRemainder: 100,
      cutParticipant: 0,
    });
  });

  it("gives results that the next clearing leaves alone", () => {
    const books = [1, 2].map((seed) => buildBook(randomOrders(seed, 500)));
    const first = clearUniformPrice(books[0]!);
    const firstTrades = pairTrades(books[0]!, first);
    const copy = structuredClone({ first, firstTrades });
    pairTrades(books[1]!, clearUniformPrice(books[1]!));
    expect({ first, firstTrades }).toEqual(copy);
  });

  it.each([
    ["wide prices", 300_000],
    ["few prices", 7],
    ["one price", 1],
    ["all prices", 2 ** 32],
  ])("agrees with the plain reference on thousands of orders with %s", (_, prices) => {
    for (const pricing of PRICINGS) {
      const orders = randomOrders(prices, 3_000, prices);
      const bids = orders.filter(({ side }) => side === "bid");
      const offers = orders.filter(({ side }) => side === "offer");
      const book = buildBook(orders);
      const clearing = clearBook(book, pricing);
      const reference = clearByReference(orders, pricing);
      expect(bids.map((bid) => Number(reference.fills.get(bid)))).toEqual([...clearing.bidFills]);
      expect(offers.map((offer) => Number(reference.fills.get(offer)))).toEqual([...clearing.offerFills]);
      expect(listTrades(book, pricing)).toEqual(
        reference.trades.map(({ bid, offer, quantity, priceMicroPerThousand }) => [
          bid.participant,
          offer.participant,
          Number(quantity),
          Number(priceMicroPerThousand),
        ]),
      );
      const payments = Array.from(participantTotals(book, clearing), ([id, total]) => [
        id,
        total.paymentMicro,
      ]);
      expect(new Map(payments as [number, bigint][])).toEqual(reference.paymentMicro);
    }
  });
});

/** `prices` distinct prices around zero; several orders of most participants, each with its own sequence. */
function randomOrders(seed: number, count: number, prices = 1_000): Order<number>[] {
  const random = seededRandom(seed);
  const below = (bound: number) => Math.floor(random() * bound);
  return Array.from({ length: count }, (_, i) => ({
    side: random() < 0.5 ? "bid" : "offer",
    participant: below(count / 5),
    limitPriceMicroPerThousand: below(prices) - Math.floor(prices / 2),
    quantity: 1 + below(5_000),
    sequence: Math.floor(i / 12) % 256,
  }));
}

describe("midpoint", () => {
  it.each([
    [11, 8, 9],
    [-2, -7, -5],
    [1, -2, -1],
    [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 31 - 1, -(2 ** 31), -1],
    [-(2 ** 31), -(2 ** 31), -(2 ** 31)],
  ])("of %d and %d is %d", (bid, offer, expected) => {
    expect(midpoint(bid, offer)).toBe(expected);
  });
});
