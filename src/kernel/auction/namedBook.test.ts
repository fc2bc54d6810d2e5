import { describe, expect, it } from "vitest";
import { clearUniformPrice } from "./clearing.ts";
import { buildNamedBook } from "./namedBook.ts";
import { MAX_QUANTITY, type Side } from "./order.ts";
import { participantTotals } from "./payments.ts";

function order(participant: string, side: Side, quantity: number, limitPriceMicroPerThousand = 100) {
  return { participant, side, quantity, limitPriceMicroPerThousand };
}

describe("buildNamedBook", () => {
  it("numbers names by their code points", () => {
    const names = ["b", "a", "😀", "\uFFFD", "B", "aa", "__proto__"];
    const { names: sorted, book } = buildNamedBook(names.map((name) => order(name, "bid", 5)));
    expect(sorted).toEqual(["B", "__proto__", "a", "aa", "b", "\uFFFD", "😀"]);
    expect(Array.from(book.bids.participant, (number) => sorted[number - 1])).toEqual(names);
  });

  it("makes one order of what a participant bids at one price", () => {
    const { book } = buildNamedBook([
      order("a", "bid", 5),
      order("a", "bid", 7),
      order("a", "bid", 1, 99),
      order("a", "offer", 2),
    ]);
    expect([...book.bids.quantity]).toEqual([12, 1]);
    expect([...book.offers.quantity]).toEqual([2]);
  });

  it("carries more than 256 full orders of one participant at one price", () => {
    const lines = 300;
    const { book } = buildNamedBook([
      ...Array.from({ length: lines }, () => order("a", "bid", MAX_QUANTITY)),
      order("b", "bid", 1),
      ...Array.from({ length: lines }, () => order("c", "offer", MAX_QUANTITY)),
    ]);
    expect(book.bids.quantity.length).toBe(lines + 1);
    const totals = participantTotals(book, clearUniformPrice(book));
    const sold = BigInt(lines) * BigInt(MAX_QUANTITY);
    expect(totals.get(3)?.sold).toBe(sold);
    expect((totals.get(1)?.bought ?? 0n) + (totals.get(2)?.bought ?? 0n)).toBe(sold);
  });
});
