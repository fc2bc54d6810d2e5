import { describe, expect, it } from "vitest";
import { BookTooLargeError, buildBook, MAX_SIDE_ORDERS } from "./book.ts";
import type { Order } from "./order.ts";

const bid: Order<number> = {
  side: "bid",
  participant: 1,
  quantity: 5,
  limitPriceMicroPerThousand: -3,
  sequence: 255,
};

describe("buildBook", () => {
  it("keeps the order of bids and of offers", () => {
    const orders: Order<number>[] = [
      bid,
      { ...bid, side: "offer", participant: 9 },
      { ...bid, participant: 4 },
    ];
    const { bids, offers } = buildBook(orders);
    expect([...bids.participant]).toEqual([1, 4]);
    expect([...offers.participant]).toEqual([9]);
    expect([bids.limitPriceMicroPerThousand[0], bids.quantity[0], bids.sequence[0]]).toEqual([-3, 5, 255]);
  });

  it.each([
    { participant: -1 },
    { quantity: 0 },
    { quantity: 2 ** 32 },
    { limitPriceMicroPerThousand: 2 ** 31 },
    { sequence: 256 },
  ])("takes admitted orders only: %o", (change) => {
    expect(() => buildBook([{ ...bid, ...change }])).toThrow("impossible state");
  });

  it("refuses more orders than it can add up exactly", () => {
    const orders = new Array<Order<number>>(MAX_SIDE_ORDERS + 1).fill(bid);
    expect(() => buildBook(orders)).toThrow(BookTooLargeError);
  });
});
