import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MemberPosition, openPositions, packPositions } from "./positionWord.ts";

const MOST_WH = 2n ** 40n - 1n;
const energies = fc.oneof(fc.constantFrom(0n, 1n, MOST_WH), fc.bigInt({ min: 0n, max: MOST_WH }));
const amounts = fc.oneof(
  fc.constantFrom(0n, -1n, 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
/** Member 0 has no seat, so that no position is zero. */
const members = fc.oneof(fc.constantFrom(1, 255, 256, 2 ** 16 - 1), fc.integer({ min: 1, max: 2 ** 16 - 1 }));

/** Positions by rising member, each with an amount of its own. */
const paired = fc
  .uniqueArray(
    fc.record({
      member: members,
      side: fc.constantFrom("bid" as const, "offer" as const),
      energyWh: energies,
      amount: amounts,
    }),
    { maxLength: 12, selector: ({ member }) => member },
  )
  .map((list) => list.sort((a, b) => a.member - b.member).map(positionOf));

function positionOf({
  member,
  side,
  energyWh,
  amount,
}: {
  member: number;
  side: MemberPosition["side"];
  energyWh: bigint;
  amount: bigint;
}): MemberPosition {
  return side === "bid"
    ? { member, side, boughtWh: energyWh, soldWh: 0n, exactPayment: amount }
    : { member, side, boughtWh: 0n, soldWh: energyWh, exactPayment: -amount };
}

/** The same positions with one price of all trades. */
function pricedAt(positions: readonly MemberPosition[], price: number): MemberPosition[] {
  return positions.map((position) => ({
    ...position,
    exactPayment: (position.boughtWh - position.soldWh) * BigInt(price),
  }));
}

const isWord = (word: bigint) => word > 0n && word >> 256n === 0n;

describe("packed positions", () => {
  it("open to what they were, two a word with amounts of their own", () => {
    fc.assert(
      fc.property(paired, (positions) => {
        const words = packPositions(positions, { pricing: "midpoint" });
        expect(words.every(isWord)).toBe(true);
        expect(words).toHaveLength(Math.ceil(positions.length / 2));
        expect(openPositions(words, { pricing: "midpoint", localPriceMicroPerKwh: 7 })).toEqual(positions);
      }),
    );
  });

  it("open to what they were, four a word at one price, whose amounts are not packed", () => {
    const pricings = fc.constantFrom("uniform" as const, "marginal" as const);
    const prices = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(paired, pricings, prices, (list, pricing, localPriceMicroPerKwh) => {
        const positions = pricedAt(list, localPriceMicroPerKwh);
        const words = packPositions(positions, { pricing });
        expect(words.every(isWord)).toBe(true);
        expect(words).toHaveLength(Math.ceil(positions.length / 4));
        expect(openPositions(words, { pricing, localPriceMicroPerKwh })).toEqual(positions);
      }),
    );
  });

  it("are others as soon as one position is another, one more or one less", () => {
    fc.assert(
      fc.property(paired, fc.nat(11), (positions, at) => {
        fc.pre(positions.length > 0);
        const index = at % positions.length;
        const position = positions[index]!;
        const { member, side, boughtWh, soldWh, exactPayment } = position;
        const energyWh = boughtWh + soldWh;
        const amount = side === "bid" ? exactPayment : -exactPayment;
        const own = { member, side, energyWh, amount };
        const others = [
          positionOf({ ...own, member: member === 1 ? 2 : member - 1 }),
          positionOf({ ...own, side: side === "bid" ? "offer" : "bid" }),
          positionOf({ ...own, energyWh: energyWh === 0n ? 1n : energyWh - 1n }),
          positionOf({ ...own, amount: amount === 0n ? 1n : amount / 2n }),
        ];
        const packed = (list: readonly MemberPosition[]) =>
          String(packPositions(list, { pricing: "midpoint" }));
        const before = packed(positions);
        for (const other of others) expect(packed(positions.with(index, other))).not.toBe(before);
        expect(packed(positions.toSpliced(index, 1))).not.toBe(before);
      }),
    );
  });

  it("have the first position lowest in its word, then quantity, member, side and amount", () => {
    const bid = positionOf({ member: 4, side: "bid", energyWh: 5n, amount: 6n });
    const offer = positionOf({ member: 9, side: "offer", energyWh: 7n, amount: -1n });
    const low = 5n | (4n << 40n) | (6n << 64n);
    const high = 7n | (9n << 40n) | (1n << 56n) | ((2n ** 64n - 1n) << 64n);
    expect(packPositions([bid, offer], { pricing: "midpoint" })).toEqual([low | (high << 128n)]);
    expect(packPositions([bid, offer], { pricing: "uniform" })).toEqual([
      5n | (4n << 40n) | ((7n | (9n << 40n) | (1n << 56n)) << 64n),
    ]);
  });
});
