import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildBook } from "./book.ts";
import { clearBook } from "./clearing.ts";
import { type ClearedLevel, explainFill, type FilledOrder } from "./explainFill.ts";
import { MAX_QUANTITY, type Order } from "./order.ts";

function clear(orders: readonly Order<number>[]): ClearedLevel & { clearing: ReturnType<typeof clearBook> } {
  const clearing = clearBook(buildBook(orders), "uniform");
  const fills = { bid: [...clearing.bidFills], offer: [...clearing.offerFills] };
  return {
    clearing,
    orders: orders.map((order) => ({ ...order, fill: fills[order.side].shift()! })),
  };
}

const order = (
  side: "bid" | "offer",
  participant: number,
  quantity: number,
  price: number,
  sequence = 0,
) => ({
  side,
  participant,
  quantity,
  limitPriceMicroPerThousand: price * 1_000,
  sequence,
});

const explainAll = (orders: readonly Order<number>[]) => {
  const cleared = clear(orders);
  return cleared.orders.map((filled) => explainFill(cleared, filled));
};

describe("explainFill", () => {
  it("tells better, marginal and worse orders apart", () => {
    const reasons = explainAll([
      order("bid", 4, 500, 260),
      order("bid", 5, 400, 200),
      order("bid", 5, 100, 90),
      order("offer", 6, 600, 100),
      order("offer", 7, 300, 150),
    ]);
    expect(reasons).toEqual([
      { kind: "better", marginalMicroPerThousand: 200_000, aheadMicroPerThousand: 60_000 },
      { kind: "wholeAtMargin", marginalMicroPerThousand: 200_000 },
      { kind: "worse", marginalMicroPerThousand: 200_000, behindMicroPerThousand: 110_000 },
      { kind: "better", marginalMicroPerThousand: 150_000, aheadMicroPerThousand: 50_000 },
      { kind: "wholeAtMargin", marginalMicroPerThousand: 150_000 },
    ]);
  });

  it("tells how a level was shared, and who got what rounding left", () => {
    const reasons = explainAll([
      order("bid", 4, 601, 200),
      order("offer", 5, 400, 173),
      order("offer", 6, 150, 173, 0),
      order("offer", 6, 250, 173, 1),
      order("offer", 7, 400, 173),
    ]);
    const level = { participants: 3, levelQuantity: 1_200, filledQuantity: 601, claim: 400, roundedUp: [5] };
    const shared = (own: object) => ({
      kind: "shared",
      marginalMicroPerThousand: 173_000,
      level: { ...level, ...own },
    });
    expect(reasons).toEqual([
      { kind: "wholeAtMargin", marginalMicroPerThousand: 200_000 },
      shared({ granted: 201, orders: 1 }),
      shared({ granted: 200, orders: 2 }),
      shared({ granted: 200, orders: 2 }),
      shared({ granted: 200, orders: 1 }),
    ]);
  });

  it("without a trade names the best order of the other side, or that there is none", () => {
    const apart = explainAll([
      order("bid", 4, 500, 150),
      order("offer", 5, 500, 180),
      order("offer", 6, 1, 190),
    ]);
    expect(apart).toEqual([
      { kind: "notMet", bestOtherMicroPerThousand: 180_000, apartMicroPerThousand: 30_000 },
      { kind: "notMet", bestOtherMicroPerThousand: 150_000, apartMicroPerThousand: 30_000 },
      { kind: "notMet", bestOtherMicroPerThousand: 150_000, apartMicroPerThousand: 40_000 },
    ]);
    expect(explainAll([order("bid", 4, 500, 150)])).toEqual([{ kind: "noCounterpart" }]);
  });

  it("refuses to explain a shared level of which orders are missing", () => {
    const cleared = clear([
      order("bid", 4, 100, 200),
      order("offer", 5, 400, 173),
      order("offer", 6, 1, 173),
    ]);
    const own = cleared.orders.slice(1, 2);
    expect(() => explainFill({ ...cleared, orders: own }, own[0]!)).toThrow("missing or too many");
  });
});

const books = fc.uniqueArray(
  fc.record({
    participant: fc.nat(6),
    side: fc.constantFrom("bid" as const, "offer" as const),
    quantity: fc.oneof(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: MAX_QUANTITY - 3, max: MAX_QUANTITY }),
    ),
    limitPriceMicroPerThousand: fc.integer({ min: -2, max: 3 }),
    sequence: fc.nat(3),
  }),
  {
    maxLength: 40,
    selector: ({ participant, side, limitPriceMicroPerThousand, sequence }) =>
      `${participant} ${side} ${limitPriceMicroPerThousand} ${sequence}`,
  },
);

describe("a reason", () => {
  it("says exactly what the order got, for any order of any book", () => {
    fc.assert(
      fc.property(books, (orders) => {
        const cleared = clear(orders);
        for (const filled of cleared.orders) {
          const reason = explainFill(cleared, filled);
          if (reason.kind === "better" || reason.kind === "wholeAtMargin")
            expect(filled.fill).toBe(filled.quantity);
          else if (reason.kind === "shared") expectShared(cleared, filled);
          else expect(filled.fill).toBe(0);
          if (reason.kind === "notMet") expect(reason.apartMicroPerThousand).toBeGreaterThan(0);
          expect(reason.kind === "notMet" || reason.kind === "noCounterpart").toBe(
            cleared.clearing.clearedQuantity === 0,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it("needs only the orders at its price, and the best one of the other side without a trade", () => {
    fc.assert(
      fc.property(books, (orders) => {
        const cleared = clear(orders);
        for (const filled of cleared.orders) {
          const level = cleared.orders.filter(
            ({ side, limitPriceMicroPerThousand }) =>
              side === filled.side && limitPriceMicroPerThousand === filled.limitPriceMicroPerThousand,
          );
          const others = cleared.orders.filter(({ side }) => side !== filled.side);
          const [best] = others.sort((one, other) =>
            filled.side === "bid"
              ? one.limitPriceMicroPerThousand - other.limitPriceMicroPerThousand
              : other.limitPriceMicroPerThousand - one.limitPriceMicroPerThousand,
          );
          const needed = { ...cleared, orders: best ? [...level, best] : level };
          expect(explainFill(needed, filled)).toEqual(explainFill(cleared, filled));
        }
      }),
    );
  });
});

/** The share by the rule itself: pro rata, largest remainders first, ties to the lower number. */
function expectShared(cleared: ReturnType<typeof clear>, filled: FilledOrder): void {
  const reason = explainFill(cleared, filled);
  if (reason.kind !== "shared") throw new Error("not a shared level");
  const { level } = reason;
  const rationing = filled.side === "bid" ? cleared.clearing.bidRationing : cleared.clearing.offerRationing;
  const product = BigInt(level.claim) * BigInt(level.filledQuantity);
  const [wholeShare, remainder] = [
    product / BigInt(level.levelQuantity),
    product % BigInt(level.levelQuantity),
  ];
  const isCut =
    remainder === BigInt(rationing.cutRemainder) && filled.participant <= rationing.cutParticipant;
  const isRoundedUp = remainder > BigInt(rationing.cutRemainder) || isCut;
  expect(level.roundedUp.includes(filled.participant)).toBe(isRoundedUp);
  expect(BigInt(level.granted)).toBe(wholeShare + (isRoundedUp ? 1n : 0n));
  expect(filled.fill).toBeLessThanOrEqual(level.granted);
}
