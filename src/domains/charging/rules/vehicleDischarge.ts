import { type DischargeCosts, dischargeCostMicroPerKwh } from "./wear.ts";

/** A grid's offer to a vehicle, and the vehicle's energy beyond what it needs until it leaves. */
export type DischargeOffer = {
  readonly paymentMicroPerKwh: bigint;
  readonly wantedWh: bigint;
  readonly spareWh: bigint;
  readonly rechargeMicroPerKwh: bigint;
};

/** @property costMicroPerKwh what a kWh given costs the vehicle */
export type DischargeDecision = { readonly costMicroPerKwh: bigint } & (
  | { readonly energyWh: bigint; readonly refused: null }
  | { readonly energyWh: 0n; readonly refused: "belowCost" | "nothingSpare" }
);

/**
 * Discharges to the grid only when the payment covers the energy's return with its losses, and the wear (R4.2, R4.4); and no more than is
 * spare, so that no promise of energy by departure breaks.
 */
export function decideDischarge(offer: DischargeOffer, costs: DischargeCosts): DischargeDecision {
  const costMicroPerKwh = dischargeCostMicroPerKwh(offer.rechargeMicroPerKwh, costs);
  if (offer.paymentMicroPerKwh < costMicroPerKwh)
    return { costMicroPerKwh, energyWh: 0n, refused: "belowCost" };
  const energyWh = lesser(offer.wantedWh, offer.spareWh);
  if (energyWh <= 0n) return { costMicroPerKwh, energyWh: 0n, refused: "nothingSpare" };
  return { costMicroPerKwh, energyWh, refused: null };
}

function lesser(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
