import type { Participant } from "./names.ts";

/** What an account has in a market as margin, micro; "0" where it has none. */
export function marginIn({ margins }: Participant, market: string | undefined): string {
  return margins.find((margin) => margin.market === market)?.marginMicro ?? "0";
}
