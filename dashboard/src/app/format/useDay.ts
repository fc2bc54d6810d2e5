import { whenTold } from "../api/answer.ts";
import { useMarketClock } from "../api/marketClock.ts";
import { useFormats } from "./locale.tsx";

/** Names days, with their year where it is not the running one of the market. */
export function useDay(): (unixSeconds: number) => string {
  const { day } = useFormats();
  const now = whenTold(useMarketClock(), (clock) => clock.now, undefined);
  return (unixSeconds) => day(unixSeconds, now);
}
