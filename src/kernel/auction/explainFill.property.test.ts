import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildBook } from "./book.ts";
import { clearBook } from "./clearing.ts";
import { type ClearedLevel, explainFill, type FilledOrder } from "./explainFill.ts";
import { MAX_ORDER_WH, type Order } from "./order.ts";

function clear(orders: readonly Order<number>[]): ClearedLevel & { clearing: ReturnType<typeof clearBook> } {
  const clearing = clearBook(buildBook(orders), "uniform");
  const fills = { bid: [...clearing.bidFillWh], offer: [...clearing.offerFillWh] };
  return {
    clearing,
    orders: orders.map((order) => ({ ...order, fillWh: fills[order.side].shift()! })),
  };
}

const order = (
  side: "bid" | "offer",
  participant: number,
  energyWh: number,
  price: number,
  sequence = 0,
) => ({
  side,
  participant,
  energyWh,
  limitPriceMicroPerKwh: price * 1_000,
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
      { kind: "better", marginalMicroPerKwh: 200_000, aheadMicroPerKwh: 60_000 },
      { kind: "wholeAtMargin", marginalMicroPerKwh: 200_000 },
      { kind: "worse", marginalMicroPerKwh: 200_000, behindMicroPerKwh: 110_000 },
      { kind: "better", marginalMicroPerKwh: 150_000, aheadMicroPerKwh: 50_000 },
      { kind: "wholeAtMargin", marginalMicroPerKwh: 150_000 },
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
    const level = { participants: 3, levelWh: 1_200, filledWh: 601, claimWh: 400, roundedUp: [5] };
    const shared = (own: object) => ({
      kind: "shared",
      marginalMicroPerKwh: 173_000,
      level: { ...level, ...own },
    });
    expect(reasons).toEqual([
      { kind: "wholeAtMargin", marginalMicroPerKwh: 200_000 },
      shared({ grantedWh: 201, orders: 1 }),
      shared({ grantedWh: 200, orders: 2 }),
      shared({ grantedWh: 200, orders: 2 }),
      shared({ grantedWh: 200, orders: 1 }),
    ]);
  });

  it("without a trade names the best order of the other side, or that there is none", () => {
    const apart = explainAll([
      order("bid", 4, 500, 150),
      order("offer", 5, 500, 180),
      order("offer", 6, 1, 190),
    ]);
    expect(apart).toEqual([
      { kind: "notMet", bestOtherMicroPerKwh: 180_000, apartMicroPerKwh: 30_000 },
      { kind: "notMet", bestOtherMicroPerKwh: 150_000, apartMicroPerKwh: 30_000 },
      { kind: "notMet", bestOtherMicroPerKwh: 150_000, apartMicroPerKwh: 40_000 },
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
    energyWh: fc.oneof(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: MAX_ORDER_WH - 3, max: MAX_ORDER_WH }),
    ),
    limitPriceMicroPerKwh: fc.integer({ min: -2, max: 3 }),
    sequence: fc.nat(3),
  }),
  {
    maxLength: 40,
    selector: ({ participant, side, limitPriceMicroPerKwh, sequence }) =>
      `${participant} ${side} ${limitPriceMicroPerKwh} ${sequence}`,
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
            expect(filled.fillWh).toBe(filled.energyWh);
          else if (reason.kind === "shared") expectShared(cleared, filled);
          else expect(filled.fillWh).toBe(0);
          if (reason.kind === "notMet") expect(reason.apartMicroPerKwh).toBeGreaterThan(0);
          expect(reason.kind === "notMet" || reason.kind === "noCounterpart").toBe(
            cleared.clearing.clearedWh === 0,
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
            ({ side, limitPriceMicroPerKwh }) =>
              side === filled.side && limitPriceMicroPerKwh === filled.limitPriceMicroPerKwh,
          );
          const others = cleared.orders.filter(({ side }) => side !== filled.side);
          const [best] = others.sort((one, other) =>
            filled.side === "bid"
              ? one.limitPriceMicroPerKwh - other.limitPriceMicroPerKwh
              : other.limitPriceMicroPerKwh - one.limitPriceMicroPerKwh,
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
  const product = BigInt(level.claimWh) * BigInt(level.filledWh);
  const [wholeWh, remainder] = [product / BigInt(level.levelWh), product % BigInt(level.levelWh)];
  const isCut =
    remainder === BigInt(rationing.cutRemainder) && filled.participant <= rationing.cutParticipant;
  const isRoundedUp = remainder > BigInt(rationing.cutRemainder) || isCut;
  expect(level.roundedUp.includes(filled.participant)).toBe(isRoundedUp);
  expect(BigInt(level.grantedWh)).toBe(wholeWh + (isRoundedUp ? 1n : 0n));
  expect(filled.fillWh).toBeLessThanOrEqual(level.grantedWh);
}
