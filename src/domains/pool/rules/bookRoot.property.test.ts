import fc from "fast-check";
import { keccak256 as viemKeccak } from "viem";
import { describe, expect, it } from "vitest";
import { orders } from "#domains/pool/check/evidence.fixture.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import { bookRootOf, sortByMerit } from "./bookRoot.ts";
import { orderDigest, type SignedOrder } from "./signedOrder.ts";

const CONTEXT = { separator: new Uint8Array(32).fill(5), areaId: 1, intervalId: 7 };

const books = fc
  .uniqueArray(orders, {
    maxLength: 20,
    selector: ({ energyWh: _, ...order }) => JSON.stringify(order),
  })
  .map((list) =>
    list.map(
      (order): SignedOrder => ({
        ...order,
        energyWh: Math.max(1, order.energyWh),
        signature: new Uint8Array(64),
      }),
    ),
  );

function rootOf(list: readonly SignedOrder[], context = CONTEXT): Hex {
  return bookRootOf(sortByMerit(list), context);
}

/** The same tree as one would first write it, with another library's hash. */
function referenceRoot(list: readonly SignedOrder[]): Hex {
  const { bids, offers } = sortByMerit(list);
  const text = (words: string) => viemKeccak(Buffer.from(words)).slice(2);
  const word = (value: number) => value.toString(16).padStart(64, "0");
  const hash = (...hexes: string[]) => viemKeccak(`0x${hexes.join("")}`).slice(2);
  let level = [...bids, ...offers].map((order) => toHex(orderDigest(order, CONTEXT)).slice(2));
  while (level.length > 1)
    level = level.flatMap((left, i) => {
      if (i % 2 === 1) return [];
      const right = level[i + 1];
      return [right === undefined ? left : hash(text("commonwatt.book.node.v1"), left, right)];
    });
  return `0x${hash(text("commonwatt.book.root.v1"), word(bids.length), word(offers.length), level[0]!)}`;
}

describe("the root of a book", () => {
  it("is the one that the documentation describes, and zero without an order", () => {
    fc.assert(
      fc.property(books, (list) => {
        expect(rootOf(list)).toBe(list.length === 0 ? toHex(new Uint8Array(32)) : referenceRoot(list));
      }),
    );
  });

  it("does not tell in which order the orders arrived", () => {
    fc.assert(
      fc.property(books, fc.infiniteStream(fc.nat()), (list, random) => {
        const shuffled = list
          .map((order) => ({ order, key: random.next().value! }))
          .sort((a, b) => a.key - b.key)
          .map(({ order }) => order);
        expect(rootOf(shuffled)).toBe(rootOf(list));
      }),
    );
  });

  it("changes when an order is left out, changed or of another interval", () => {
    fc.assert(
      fc.property(books, fc.nat(19), (list, at) => {
        fc.pre(list.length > 0);
        const index = at % list.length;
        const order = list[index]!;
        const root = rootOf(list);
        expect(rootOf(list.toSpliced(index, 1))).not.toBe(root);
        const changes = [
          { energyWh: order.energyWh === 5 ? 6 : 5 },
          { limitPriceMicroPerKwh: order.limitPriceMicroPerKwh === 5 ? 6 : 5 },
          { sequence: (order.sequence + 1) % 16 },
          { participant: (order.participant + 1) % 2 ** 16 },
          { side: order.side === "bid" ? ("offer" as const) : ("bid" as const) },
        ];
        for (const change of changes)
          expect(rootOf(list.with(index, { ...order, ...change }))).not.toBe(root);
        expect(rootOf(list, { ...CONTEXT, intervalId: 8 })).not.toBe(root);
      }),
    );
  });
});
