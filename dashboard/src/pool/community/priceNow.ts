import type { Community } from "../community.ts";

export type Priced = Community["current"];

/**
 * What the first screen may say of the price now.
 *
 * - `known`: neighbours trade in the running interval, at this price
 * - `none`: it was cleared, and no neighbour trades in it
 * - `pending`: its clearing is not known here yet; `before` is the newest interval that is, null when there is none
 */
export type PriceNow =
  | { readonly state: "known" | "none"; readonly interval: Priced }
  | { readonly state: "pending"; readonly interval: Priced; readonly before: Priced | null };

export function priceNow({ current, newest }: Pick<Community, "current" | "newest">): PriceNow {
  const { state } = current.price;
  return state === "pending" ? { state, interval: current, before: newest } : { state, interval: current };
}

/**
 * Intervals by falling number, with the running one and the next: what is not cleared yet is in no list of the chain. Before
 * the first interval of the market nothing runs.
 */
export function withRunning<
  Row extends { readonly intervalId: number },
  Own extends { readonly intervalId: number },
>(
  rows: readonly Row[],
  { current, next }: Pick<Community, "current" | "next">,
  rowOf: (interval: Priced) => Own,
): (Row | Own)[] {
  const known = new Set(rows.map(({ intervalId }) => intervalId));
  const first = rows.at(-1)?.intervalId ?? next.intervalId;
  const missing = [current, next].filter(({ intervalId }) => intervalId >= first && !known.has(intervalId));
  return [...missing.map(rowOf), ...rows].sort((a, b) => b.intervalId - a.intervalId);
}
