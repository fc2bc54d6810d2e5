import type { Rationing } from "#kernel/auction/rationing.ts";

/**
 * The auction's rationing in Wh, as it is declared to the contract: how the orders at a side's marginal price share what
 * is left for them (AMB-15).
 *
 * @property levelWh energy of all orders at the marginal price
 * @property filledWh what they get together
 */
export type EnergyRationing = {
  readonly levelWh: number;
  readonly filledWh: number;
  readonly cutRemainder: number;
  readonly cutParticipant: number;
};

/** The auction's rationing in the pool's words. */
export function energyRationing({
  levelQuantity,
  filledQuantity,
  cutRemainder,
  cutParticipant,
}: Rationing): EnergyRationing {
  return { levelWh: levelQuantity, filledWh: filledQuantity, cutRemainder, cutParticipant };
}

/** The pool's rationing in the auction's words. */
export function auctionRationing({
  levelWh,
  filledWh,
  cutRemainder,
  cutParticipant,
}: EnergyRationing): Rationing {
  return { levelQuantity: levelWh, filledQuantity: filledWh, cutRemainder, cutParticipant };
}
