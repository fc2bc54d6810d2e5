const SECONDS_PER_HOUR = 3_600;

/**
 * Charging of a vehicle as plain load, Wh by interval: what a trip consumed is charged from the interval on in which it
 * is recorded, while the vehicle is available, at the charger's power. What is not charged by the end stays open.
 *
 * @param consumedWh of the trip that ends in the interval, NaN for none
 * @param isAvailable 1 while the vehicle stands at home
 */
export function chargeVehicle({
  consumedWh,
  isAvailable,
  stepSeconds,
  chargerW,
}: {
  consumedWh: Float64Array;
  isAvailable: Float64Array;
  stepSeconds: number;
  chargerW: number;
}): Float64Array {
  const limitWh = (chargerW * stepSeconds) / SECONDS_PER_HOUR;
  let openWh = 0;
  return consumedWh.map((tripWh, index) => {
    openWh += Number.isNaN(tripWh) ? 0 : tripWh;
    const chargedWh = (isAvailable[index] as number) > 0 ? Math.min(openWh, limitWh) : 0;
    openWh -= chargedWh;
    return chargedWh;
  });
}
