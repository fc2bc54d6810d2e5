import type { UseQueryResult } from "@tanstack/react-query";
import { useGet } from "./useGet.ts";

/** The market's time in unix seconds, and how many times faster than the world's it runs. */
export type MarketClock = { readonly now: number; readonly clockSpeed: number };

export function useMarketClock(): UseQueryResult<MarketClock> {
  return useGet<MarketClock>("/v1/prices");
}
