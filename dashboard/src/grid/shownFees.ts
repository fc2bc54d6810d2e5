import { MICRO_PER_CENT, roundParts, roundToNearest } from "#kernel/units/roundedParts.ts";
import type { GridExchange } from "./exchange.ts";

type Exchange = {
  readonly gridFeeMicro: string;
  readonly months: readonly Pick<GridExchange["months"][number], "month" | "gridFeeMicro">[];
  readonly days: readonly Pick<GridExchange["days"][number], "date" | "gridFeeMicro">[];
};

/**
 * Fees as they are shown, by month and by date, micro: the months add up to the sum at the head of the page, and the days of
 * a month to the month.
 */
export function shownFees({ gridFeeMicro, months, days }: Exchange): ReadonlyMap<string, bigint> {
  const total = roundToNearest(BigInt(gridFeeMicro), MICRO_PER_CENT);
  const ofMonths = shownParts(months, total);
  const shown = new Map(months.map(({ month }, i) => [month, ofMonths[i] ?? 0n]));
  const ofDays = months.flatMap(({ month }, i) => {
    const own = days.filter(({ date }) => date.startsWith(month));
    const parts = shownParts(own, ofMonths[i] ?? 0n);
    return own.map(({ date }, j) => [date, parts[j] ?? 0n] as const);
  });
  return new Map([...shown, ...ofDays]);
}

function shownParts(fees: readonly { readonly gridFeeMicro: string }[], total: bigint): readonly bigint[] {
  const exact = fees.map(({ gridFeeMicro }) => BigInt(gridFeeMicro));
  return roundParts(exact, { unit: MICRO_PER_CENT, total }).parts;
}
