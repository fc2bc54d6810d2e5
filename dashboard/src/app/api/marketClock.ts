import type { Answer } from "./answer.ts";
import { useGet } from "./useGet.ts";

/** The market's time in unix seconds, and how many times faster than the world's it runs. */
export type MarketClock = { readonly now: number; readonly clockSpeed: number };

export function useMarketClock(): Answer<MarketClock> {
  return useGet<MarketClock>("/v1/prices");
}
