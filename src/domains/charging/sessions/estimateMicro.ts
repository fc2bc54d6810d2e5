import { largerOf } from "#kernel/units/extremes.ts";
import { divideRoundingUp } from "#kernel/units/rounding.ts";
import type { ChargingTariff } from "./tariff.ts";

const WH_PER_KWH = 1_000n;
const SECONDS_PER_HOUR = 3_600n;

/**
 * What a session may cost at most by a tariff, micro, rounded up: each component at its dearest price of the day. A driver's limit is
 * this estimate.
 */
export function estimateMicro(
  { sessionFeeMicro, prices }: ChargingTariff,
  {
    energyWh,
    chargingSeconds,
    idleSeconds,
  }: { readonly energyWh: bigint; readonly chargingSeconds: number; readonly idleSeconds: number },
): bigint {
  const dearest = (of: (price: ChargingTariff["prices"][number]) => bigint) =>
    prices.reduce((most, price) => largerOf(most, of(price)), 0n);
  return (
    sessionFeeMicro +
    divideRoundingUp(energyWh * dearest((price) => price.energyMicroPerKwh), WH_PER_KWH) +
    divideRoundingUp(BigInt(chargingSeconds) * dearest((price) => price.timeMicroPerHour), SECONDS_PER_HOUR) +
    divideRoundingUp(BigInt(idleSeconds) * dearest((price) => price.idleMicroPerHour), SECONDS_PER_HOUR)
  );
}
