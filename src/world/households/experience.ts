import type { Position } from "#domains/pool/rules/settlement.ts";
import { learnFromFill } from "./bidding.ts";
import type { Home } from "./home.ts";

/** How well each home has been served, 0 … 1, on either side. It starts in the middle. */
export type Experience = {
  readonly buying: Float64Array;
  readonly selling: Float64Array;
  /** Takes the outcome of an interval: what each home wanted first (signed Wh) and what it traded (signed Wh). */
  learn(wantedWh: Float64Array, tradedWh: Float64Array): void;
};

const UNDECIDED = 0.5;

export function createExperience(homes: readonly Home[]): Experience {
  const buying = new Float64Array(homes.length).fill(UNDECIDED);
  const selling = new Float64Array(homes.length).fill(UNDECIDED);
  const adaptation = Float64Array.from(homes, ({ attitude }) => attitude.adaptation);
  return {
    buying,
    selling,
    learn(wantedWh, tradedWh) {
      for (let home = 0; home < homes.length; home += 1) {
        const wanted = wantedWh[home] as number;
        if (wanted === 0) continue;
        const fill = Math.min(1, Math.abs(tradedWh[home] as number) / Math.abs(wanted));
        const known = wanted > 0 ? buying : selling;
        known[home] = learnFromFill(known[home] as number, fill, adaptation[home] as number);
      }
    },
  };
}

/** What an interval's positions mean to the community. */
export type TradedEnergy = {
  /** Bought less sold of each home, Wh. */
  readonly tradedWh: Float64Array;
  /** What each home paid less what it got, thousandths of a micro. */
  readonly paid: Float64Array;
  /** Mean price of the bought energy, micro per kWh; null without a trade. */
  readonly meanPriceMicroPerKwh: number | null;
};

/** Reads the trades of all homes, whose numbers are consecutive, out of the positions of an interval. */
export function readTrades(
  homes: readonly Home[],
  positions: ReadonlyMap<number, Position>,
  { tradedWh, paid: paidByHome }: Pick<TradedEnergy, "tradedWh" | "paid">,
): TradedEnergy {
  const firstMember = homes[0]?.member ?? 0;
  let boughtWh = 0;
  let paid = 0;
  tradedWh.fill(0);
  paidByHome.fill(0);
  for (const [member, position] of positions) {
    const home = member - firstMember;
    if (homes[home]?.member !== member) continue;
    const bought = Number(position.boughtWh);
    tradedWh[home] = bought - Number(position.soldWh);
    paidByHome[home] = Number(position.exactPayment);
    if (bought > 0 && position.soldWh === 0n) {
      boughtWh += bought;
      paid += Number(position.exactPayment);
    }
  }
  return { tradedWh, paid: paidByHome, meanPriceMicroPerKwh: boughtWh > 0 ? paid / boughtWh : null };
}
