import type { GoldenOutcome } from "./goldenSlot.ts";

/** Where the source and its own equations part: what is printed, what comes out, and what is done instead. */
export type TwoStageErratum = {
  readonly id: string;
  readonly printed: string;
  readonly computed: string;
  readonly note: string;
};

/** The errata of chapter 7, with the figures of the golden example. */
export function errataOf({ final, literal, servedObjective }: GoldenOutcome): readonly TwoStageErratum[] {
  const served = Number(final.servedWh) / 1_000;
  return [
    {
      id: "E7.1",
      printed: "under eq. (1) the local price is called d",
      computed: "π is the local price, d a prosumer's demand",
      note: "eq. (1) is the optimum of βd − γd²/2 − πd; both of its boundaries belong to it",
    },
    {
      id: "E7.2",
      printed: "π, ρ and γ each stand for two things in the learning algorithm",
      computed: "discount 0 … 1, epsilon, capacity and curvature have names of their own",
      note: "a price as discount would let the values grow without end",
    },
    {
      id: "E7.3",
      printed: "γ is not bounded",
      computed: "γ = 0 gives all or the least; γ < 0 is refused",
      note: "below 0 the optimum turns into the worst choice",
    },
    {
      id: "E7.4",
      printed: "α ≥ 1 and α·π ≤ π_market",
      computed: "π = 40, π_market = 35 leaves α ≤ 0.875",
      note: "bids are capped at π_market, and the DR price is the smaller of the two; where π is still above, that is said",
    },
    {
      id: "E7.5",
      printed: "rescheduling by eq. (1), which has no DR price",
      computed: "the marginal price is π + π^DR",
      note: "a kWh that is used costs π and forfeits π^DR; otherwise the DR price would change nothing",
    },
    {
      id: "E7.6",
      printed: "maximise (5) within (6)–(8)",
      computed: `${literal.objective ?? "no"} with ${literal.demandWh[1].toFixed(1)} kWh served; ${servedObjective?.toFixed(1) ?? "no"} with ${served} kWh served`,
      note: "nothing in the printed programme makes anybody be served; all demand that no DR takes away is, DR covers the deficit only, and the rest is imported",
    },
    {
      id: "E7.7",
      printed: "d^DR = d − d^new",
      computed: "never below 0",
      note: "with a price below the forecast it would be negative, and (7) would have no solution",
    },
    {
      id: "E7.8",
      printed: "funds go from sellers to buyers",
      computed: "from buyers to sellers",
      note: "as in all other markets",
    },
    {
      id: "E7.9",
      printed: 'Figures 5–9 without numbers; a peak lower by "8 and 11 h"',
      computed: "declared data, and a gap declared before the run",
      note: "the figures can be compared by their shape only; percent is probably meant",
    },
  ];
}
