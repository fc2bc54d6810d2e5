import { drPriceOf } from "#domains/response/rules/drPrice.ts";
import {
  type FinalSettlement,
  paymentMicro,
  settleFinally,
} from "#domains/response/rules/finalSettlement.ts";
import { type LiteralOutcome, solveLiteral, solveServed } from "#domains/response/rules/programmes.ts";
import type { LinearSolver } from "#kernel/optimization/linearSolver.ts";

/** The golden example of E7.6, in Wh and micro per kWh. */
export const GOLDEN_SLOT = {
  demandWh: [3_000, 2_000, 1_000],
  capacityWh: [1_000, 1_000, 2_000],
  newDemandWh: [2_000, 1_500, 1_000],
  priceMicroPerKwh: 20_000_000,
  alphaPermille: 1_500,
  upstreamMicroPerKwh: 35_000_000,
} as const;

/**
 * The golden example settled, and its programmes solved: the printed one and the one that is settled by.
 *
 * @property servedObjective optimum of the programme that serves all demand, in money of the example
 */
export type GoldenOutcome = {
  readonly drMicroPerKwh: number;
  readonly final: FinalSettlement;
  readonly paymentMicro: readonly bigint[];
  readonly literal: LiteralOutcome;
  readonly servedObjective: number | null;
};

export function settleGoldenSlot(solver: LinearSolver): GoldenOutcome {
  const { demandWh, capacityWh, newDemandWh, priceMicroPerKwh, upstreamMicroPerKwh, alphaPermille } =
    GOLDEN_SLOT;
  const { drMicroPerKwh } = drPriceOf({
    demandWh: sum(demandWh),
    capacityWh: sum(capacityWh),
    priceMicroPerKwh,
    upstreamMicroPerKwh,
    alphaPermille,
  });
  const final = settleFinally(
    demandWh.map((each, i) => ({
      member: i + 1,
      demandWh: BigInt(each),
      capacityWh: BigInt(capacityWh[i] as number),
      newDemandWh: BigInt(newDemandWh[i] as number),
    })),
    {
      priceMicroPerKwh: BigInt(priceMicroPerKwh),
      drMicroPerKwh: BigInt(drMicroPerKwh),
      upstreamMicroPerKwh: BigInt(upstreamMicroPerKwh),
    },
  );
  // In kWh and whole units of money, as the example is written.
  const inKwh = demandWh.map((each, i) => ({
    demandWh: each / 1_000,
    capacityWh: (capacityWh[i] as number) / 1_000,
    newDemandWh: (newDemandWh[i] as number) / 1_000,
  }));
  const prices = {
    price: priceMicroPerKwh / 1e6,
    drPrice: drMicroPerKwh / 1e6,
    upstreamPrice: upstreamMicroPerKwh / 1e6,
  };
  return {
    drMicroPerKwh,
    final,
    paymentMicro: final.prosumers.map(paymentMicro),
    literal: solveLiteral(inKwh, prices, solver),
    servedObjective: solveServed(inKwh, prices, solver),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
