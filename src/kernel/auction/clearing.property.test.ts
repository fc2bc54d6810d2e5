import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { microRoundingDown } from "#kernel/units/money.ts";
import { buildBook } from "./book.ts";
import { clearByReference } from "./clearing.reference.ts";
import { clearBook } from "./clearing.ts";
import { meritOrder } from "./meritOrder.ts";
import {
  MAX_PRICE_MICRO_PER_THOUSAND,
  MAX_QUANTITY,
  MIN_PRICE_MICRO_PER_THOUSAND,
  type Order,
  PRICINGS,
} from "./order.ts";
import { participantTotals, remainderMicro, welfareMicro } from "./payments.ts";
import { pairTrades } from "./trades.ts";

const pricing = fc.constantFrom(...PRICINGS);

function ordersOf(quantity: fc.Arbitrary<number>, price: fc.Arbitrary<number>, maxLength = 40) {
  return fc.uniqueArray(
    fc.record({
      participant: fc.nat(9),
      side: fc.constantFrom("bid" as const, "offer" as const),
      quantity,
      limitPriceMicroPerThousand: price,
      sequence: fc.nat(3),
    }),
    { maxLength, selector: orderKey },
  );
}

function orderKey(order: Order<number>): string {
  return `${order.side} ${order.participant} ${order.limitPriceMicroPerThousand} ${order.sequence}`;
}

/** Few prices, so that ties at the margin are common; wide prices; and everything near its bound. */
const books = fc.oneof(
  ordersOf(fc.integer({ min: 1, max: 20 }), fc.integer({ min: -2, max: 3 })),
  ordersOf(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 60_000, max: 360_000 })),
  ordersOf(
    fc.integer({ min: MAX_QUANTITY - 3, max: MAX_QUANTITY }),
    fc.constantFrom(
      MIN_PRICE_MICRO_PER_THOUSAND,
      -1,
      0,
      MAX_PRICE_MICRO_PER_THOUSAND - 1,
      MAX_PRICE_MICRO_PER_THOUSAND,
    ),
  ),
  ordersOf(
    fc.integer({ min: 1, max: MAX_QUANTITY }),
    fc.integer({ min: MIN_PRICE_MICRO_PER_THOUSAND, max: MAX_PRICE_MICRO_PER_THOUSAND }),
  ),
);

function fillsByOrder(orders: readonly Order<number>[], clearing: ReturnType<typeof clearBook>) {
  const fills = new Map<string, number>();
  const sides = { bid: [...clearing.bidFills], offer: [...clearing.offerFills] };
  for (const order of orders) fills.set(orderKey(order), sides[order.side].shift() ?? Number.NaN);
  return fills;
}

/** By how much a price is better than the order's limit: what it gains a thousand units. */
function gainAt(order: Order<number>, price: number): number {
  const ahead = order.limitPriceMicroPerThousand - price;
  return order.side === "bid" ? ahead : -ahead;
}

describe("marginal pricing", () => {
  it("rations or leaves out no order at a price strictly better than its limit", () => {
    fc.assert(
      fc.property(books, (orders) => {
        const clearing = clearBook(buildBook(orders), "marginal");
        const price = clearing.clearingPriceMicroPerThousand;
        fc.pre(price !== null);
        const fills = fillsByOrder(orders, clearing);
        for (const order of orders) {
          const fill = fills.get(orderKey(order)) ?? 0;
          if (fill < order.quantity) expect(gainAt(order, price)).toBeLessThanOrEqual(0);
          if (fill > 0) expect(gainAt(order, price)).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("moves the midpoint no further than it must", () => {
    fc.assert(
      fc.property(books, (orders) => {
        const clearing = clearBook(buildBook(orders), "marginal");
        const price = clearing.clearingPriceMicroPerThousand;
        const middle = clearBook(buildBook(orders), "uniform").clearingPriceMicroPerThousand;
        fc.pre(price !== null && middle !== null && price !== middle);
        const nearer = price + Math.sign(middle - price);
        const fills = fillsByOrder(orders, clearing);
        const isWanting = (order: Order<number>) =>
          (fills.get(orderKey(order)) ?? 0) < order.quantity && gainAt(order, nearer) > 0;
        expect(orders.some(isWanting)).toBe(true);
      }),
    );
  });
});

describe("clearBook", () => {
  it("gives what the plain reference gives", () => {
    fc.assert(
      fc.property(books, pricing, (orders, rule) => {
        const book = buildBook(orders);
        const clearing = clearBook(book, rule);
        const reference = clearByReference(orders, rule);
        const asNumber = (value: bigint | null) => (value === null ? null : Number(value));
        expect(BigInt(clearing.clearedQuantity)).toBe(reference.clearedQuantity);
        expect(clearing.marginalBidMicroPerThousand).toBe(asNumber(reference.marginalBid));
        expect(clearing.marginalOfferMicroPerThousand).toBe(asNumber(reference.marginalOffer));
        expect(clearing.clearingPriceMicroPerThousand).toBe(asNumber(reference.clearingPrice));
        const expected = new Map(
          [...reference.fills].map(([order, fill]) => [orderKey(order), Number(fill)]),
        );
        expect(fillsByOrder(orders, clearing)).toEqual(expected);
        const totals = participantTotals(book, clearing);
        expect(new Map([...totals].map(([id, total]) => [id, total.paymentMicro]))).toEqual(
          reference.paymentMicro,
        );
        expect(welfareMicro(book, clearing)).toBe(microRoundingDown(reference.welfareExact));
      }),
      { numRuns: 1_000 },
    );
  });

  it("pairs the trades that the plain reference pairs", () => {
    fc.assert(
      fc.property(books, pricing, (orders, rule) => {
        const bids = orders.filter((order) => order.side === "bid");
        const offers = orders.filter((order) => order.side === "offer");
        const book = buildBook(orders);
        const trades = pairTrades(book, clearBook(book, rule));
        const actual = [...trades.quantity].map((quantity, i) => ({
          bid: bids[trades.bid[i]!],
          offer: offers[trades.offer[i]!],
          quantity: BigInt(quantity),
          priceMicroPerThousand: BigInt(trades.priceMicroPerThousand[i]!),
        }));
        expect(actual).toEqual(clearByReference(orders, rule).trades);
      }),
    );
  });

  it("gives everybody the same, whatever the order of the input", () => {
    const shuffled = books.chain((orders) =>
      fc.tuple(fc.constant(orders), fc.shuffledSubarray(orders, { minLength: orders.length })),
    );
    fc.assert(
      fc.property(shuffled, pricing, ([orders, permuted], rule) => {
        const [book, other] = [buildBook(orders), buildBook(permuted)];
        const [clearing, otherClearing] = [clearBook(book, rule), clearBook(other, rule)];
        expect(fillsByOrder(permuted, otherClearing)).toEqual(fillsByOrder(orders, clearing));
        expect(participantTotals(other, otherClearing)).toEqual(participantTotals(book, clearing));
        expect(otherClearing.bidRationing).toEqual(clearing.bidRationing);
        expect(otherClearing.offerRationing).toEqual(clearing.offerRationing);
      }),
    );
  });

  it("leaves nobody worse off than its limit price", () => {
    fc.assert(
      fc.property(books, pricing, (orders, rule) => {
        const book = buildBook(orders);
        const trades = pairTrades(book, clearBook(book, rule));
        trades.priceMicroPerThousand.forEach((price, i) => {
          expect(price).toBeLessThanOrEqual(book.bids.limitPriceMicroPerThousand[trades.bid[i]!]!);
          expect(price).toBeGreaterThanOrEqual(book.offers.limitPriceMicroPerThousand[trades.offer[i]!]!);
        });
      }),
    );
  });

  it("conserves quantity and money to the unit", () => {
    fc.assert(
      fc.property(books, pricing, (orders, rule) => {
        const book = buildBook(orders);
        const clearing = clearBook(book, rule);
        const totals = participantTotals(book, clearing);
        const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
        expect(sum([...totals.values()].map((total) => total.bought))).toBe(BigInt(clearing.clearedQuantity));
        expect(sum([...totals.values()].map((total) => total.sold))).toBe(BigInt(clearing.clearedQuantity));
        expect(sum([...totals.values()].map((total) => total.exactPayment))).toBe(0n);
        const remainder = remainderMicro(totals);
        expect(remainder).toBeGreaterThanOrEqual(0n);
        expect(remainder).toBeLessThanOrEqual(BigInt(totals.size));
      }),
    );
  });

  it("gives a participant that splits an order at one price exactly what it had", () => {
    const split = ordersOf(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 0, max: 3 })).chain((orders) =>
      fc.record({
        orders: fc.constant(orders),
        at: fc.nat(Math.max(0, orders.length - 1)),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(split, pricing, ({ orders, at, part }, rule) => {
        const whole = orders[at];
        fc.pre(whole !== undefined);
        const firstQuantity = 1 + Math.floor(part * (whole.quantity - 2));
        const pieces = [
          { ...whole, quantity: firstQuantity },
          { ...whole, quantity: whole.quantity - firstQuantity, sequence: 255 },
        ];
        const [book, other] = [buildBook(orders), buildBook([...orders.toSpliced(at, 1), ...pieces])];
        expect(participantTotals(other, clearBook(other, rule))).toEqual(
          participantTotals(book, clearBook(book, rule)),
        );
      }),
    );
  });

  it("publishes a threshold that tells who gets a left-over unit", () => {
    fc.assert(
      fc.property(books, (orders) => {
        const book = buildBook(orders);
        const { bidRationing: bids, offerRationing: offers, ...clearing } = clearBook(book, "uniform");
        for (const [side, price, fills, rationing] of [
          [book.bids, clearing.marginalBidMicroPerThousand, clearing.bidFills, bids],
          [book.offers, clearing.marginalOfferMicroPerThousand, clearing.offerFills, offers],
        ] as const) {
          const claims = new Map<number, { claim: bigint; fill: bigint }>();
          side.limitPriceMicroPerThousand.forEach((limit, i) => {
            if (limit !== price) return;
            const { claim, fill } = claims.get(side.participant[i]!) ?? { claim: 0n, fill: 0n };
            claims.set(side.participant[i]!, {
              claim: claim + BigInt(side.quantity[i]!),
              fill: fill + BigInt(fills[i]!),
            });
          });
          const [levelQuantity, filledQuantity] = [
            BigInt(rationing.levelQuantity),
            BigInt(rationing.filledQuantity),
          ];
          for (const [participant, { claim, fill }] of claims) {
            const remainder = (claim * filledQuantity) % levelQuantity;
            const cut = BigInt(rationing.cutRemainder);
            const isExtra = remainder > cut || (remainder === cut && participant <= rationing.cutParticipant);
            expect(fill).toBe((claim * filledQuantity) / levelQuantity + (isExtra ? 1n : 0n));
          }
        }
      }),
    );
  });
});

describe("meritOrder", () => {
  it("orders every bid and offer by price, participant and sequence (R9.15)", () => {
    fc.assert(
      fc.property(books, (orders) => {
        const book = buildBook(orders);
        const { bids, offers } = meritOrder(book);
        const compare = (sign: 1 | -1) => (a: Order<number>, b: Order<number>) =>
          sign * (a.limitPriceMicroPerThousand - b.limitPriceMicroPerThousand) ||
          a.participant - b.participant ||
          a.sequence - b.sequence;
        const bidOrders = orders.filter((order) => order.side === "bid");
        const offerOrders = orders.filter((order) => order.side === "offer");
        expect([...bids].map((i) => bidOrders[i])).toEqual(bidOrders.toSorted(compare(-1)));
        expect([...offers].map((i) => offerOrders[i])).toEqual(offerOrders.toSorted(compare(1)));
      }),
    );
  });
});
