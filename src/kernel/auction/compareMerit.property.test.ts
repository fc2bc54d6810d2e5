import fc from "fast-check";
import { expect, it } from "vitest";
import { buildBook } from "./book.ts";
import { compareMerit } from "./compareMerit.ts";
import { meritOrder } from "./meritOrder.ts";
import type { Side } from "./order.ts";

const small = fc.integer({ min: 1, max: 5 });
const order = (side: Side) =>
  fc.record({
    side: fc.constant(side),
    participant: small,
    quantity: fc.constant(10),
    limitPriceMicroPerThousand: fc.integer({ min: -2, max: 2 }),
    sequence: small,
  });

it.each(["bid", "offer"] as const)("a book of %ss is sorted as two orders are compared", (side) => {
  fc.assert(
    fc.property(fc.array(order(side), { maxLength: 60 }), (orders) => {
      const merit = meritOrder(buildBook(orders));
      const sorted = Array.from(side === "bid" ? merit.bids : merit.offers, (index) => orders[index]);
      expect(sorted).toEqual([...orders].sort(compareMerit));
    }),
  );
});
