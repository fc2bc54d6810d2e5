import type { Order } from "./order.ts";

type Ranked = Pick<Order<number>, "side" | "limitPriceMicroPerThousand" | "participant" | "sequence">;

/**
 * Negative when `a` comes before `b` on their side of the book: better price, then lower participant, then lower sequence.
 * `meritOrder` sorts whole books by the same rule.
 */
export function compareMerit(a: Ranked, b: Ranked): number {
  const worse = a.side === "bid" ? -1 : 1;
  return (
    worse * (a.limitPriceMicroPerThousand - b.limitPriceMicroPerThousand) ||
    a.participant - b.participant ||
    a.sequence - b.sequence
  );
}
