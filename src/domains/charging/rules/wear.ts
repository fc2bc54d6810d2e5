import { assert } from "#kernel/units/assert.ts";
import { divideRoundingUp } from "#kernel/units/rounding.ts";

const PERMILLE = 1_000n;
const WH_PER_KWH = 1_000n;

/** A battery as far as its ageing costs money: it gives `capacityWh` × `depthPermille` in each of `cycles` cycles. */
export type BatteryLife = {
  readonly batteryMicro: bigint;
  readonly capacityWh: bigint;
  readonly cycles: bigint;
  readonly depthPermille: bigint;
};

/**
 * What ageing costs for a kWh that a battery gives, in micro, rounded up: its price by all the energy that it gives within its life
 * (Kempton and Tomić 2005, "Vehicle-to-grid power fundamentals", c_d = c_bat / L_ET).
 */
export function wearMicroPerKwh({ batteryMicro, capacityWh, cycles, depthPermille }: BatteryLife): bigint {
  const lifeWh = capacityWh * cycles * depthPermille;
  assert(lifeWh > 0n, "a battery that gives no energy within its life");
  return divideRoundingUp(batteryMicro * WH_PER_KWH * PERMILLE, lifeWh);
}

/** What it takes a vehicle to give energy: `roundTripPermille` of what it is charged with comes out again. */
export type DischargeCosts = { readonly wearMicroPerKwh: bigint; readonly roundTripPermille: bigint };

/**
 * What a kWh given costs a vehicle that charges it again at a price: the price by the efficiency of the round trip, and the wear; in
 * micro, rounded up (AMB-13, R4.4).
 */
export function dischargeCostMicroPerKwh(rechargeMicroPerKwh: bigint, costs: DischargeCosts): bigint {
  const { wearMicroPerKwh: wear, roundTripPermille } = costs;
  assert(
    roundTripPermille > 0n && roundTripPermille <= PERMILLE,
    `a round trip gives ${roundTripPermille} ‰ back`,
  );
  return divideRoundingUp(rechargeMicroPerKwh * PERMILLE, roundTripPermille) + wear;
}
