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

/** A member's part of the energy at the marginal price, of which it has ordered `claimWh` (docs/model/clearing.md, 6 to 8). */
export function grantedWh(member: number, claimWh: bigint, rationing: EnergyRationing): bigint {
  const { levelWh, filledWh, cutRemainder, cutParticipant } = rationing;
  const product = claimWh * BigInt(filledWh);
  const remainder = product % BigInt(levelWh);
  const isWithinCut = remainder === BigInt(cutRemainder) && member <= cutParticipant;
  const isRoundedUp = remainder > BigInt(cutRemainder) || isWithinCut;
  return product / BigInt(levelWh) + (isRoundedUp ? 1n : 0n);
}
