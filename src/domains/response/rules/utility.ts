import { DomainError } from "#kernel/units/domainError.ts";

const WH_PER_KWH = 1_000;

/**
 * What consumption in one slot is worth to a prosumer: ω(d) = βd − γd²/2 on [least, most], in micro, with d in kWh (R7.8).
 *
 * @property betaMicroPerKwh β, value of the first kWh
 * @property curvatureMicroPerKwh2 γ ≥ 0: by how much each kWh more is worth less, micro per kWh and kWh
 * @property leastWh demand that cannot wait, whole Wh
 * @property mostWh what the appliances can take, whole Wh
 */
export type Utility = {
  readonly betaMicroPerKwh: number;
  readonly curvatureMicroPerKwh2: number;
  readonly leastWh: number;
  readonly mostWh: number;
};

/**
 * Demand of greatest surplus ω(d) − πd at a price, whole Wh: eq. (1), with both boundaries closed (R7.8, E7.1). With γ = 0 it is
 * all or the least (E7.3).
 *
 * @throws UtilityError with γ < 0, or bounds that are no whole Wh in rising order
 */
export function optimalDemandWh(utility: Utility, priceMicroPerKwh: number): number {
  requireUtility(utility);
  const { betaMicroPerKwh, curvatureMicroPerKwh2, leastWh, mostWh } = utility;
  const margin = betaMicroPerKwh - priceMicroPerKwh;
  if (curvatureMicroPerKwh2 === 0) return margin > 0 ? mostWh : leastWh;
  const bestWh = Math.round((margin / curvatureMicroPerKwh2) * WH_PER_KWH);
  return Math.min(Math.max(bestWh, leastWh), mostWh);
}

/** ω(d), micro. */
export function valueMicro({ betaMicroPerKwh, curvatureMicroPerKwh2 }: Utility, demandWh: number): number {
  const kwh = demandWh / WH_PER_KWH;
  return betaMicroPerKwh * kwh - (curvatureMicroPerKwh2 * kwh * kwh) / 2;
}

/** What the last kWh at a demand is worth, micro per kWh: the price of an honest bid for it. */
export function marginalValueMicroPerKwh(
  { betaMicroPerKwh, curvatureMicroPerKwh2 }: Utility,
  demandWh: number,
): number {
  return betaMicroPerKwh - (curvatureMicroPerKwh2 * demandWh) / WH_PER_KWH;
}

/** The utility of a slot to which `energyWh` of another slot was shifted: the same curve, that much further to the right. */
export function withShiftedWh(utility: Utility, energyWh: number): Utility {
  const { betaMicroPerKwh, curvatureMicroPerKwh2, leastWh, mostWh } = utility;
  return {
    ...utility,
    betaMicroPerKwh: betaMicroPerKwh + (curvatureMicroPerKwh2 * energyWh) / WH_PER_KWH,
    leastWh: leastWh + energyWh,
    mostWh: mostWh + energyWh,
  };
}

function requireUtility({ curvatureMicroPerKwh2, leastWh, mostWh }: Utility): void {
  if (!(curvatureMicroPerKwh2 >= 0))
    throw new UtilityError(`curvature ${curvatureMicroPerKwh2} micro per kWh² is below 0 or no number`);
  if (!(Number.isSafeInteger(leastWh) && Number.isSafeInteger(mostWh) && 0 <= leastWh && leastWh <= mostWh))
    throw new UtilityError(`demand bounds ${leastWh} … ${mostWh} Wh are not whole, rising and from 0 on`);
}

/** A utility that has no optimum (E7.3). */
export class UtilityError extends DomainError {
  readonly code = "utility";
}
