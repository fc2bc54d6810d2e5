import type { Home } from "./home.ts";

const SECONDS_PER_HOUR = 3_600;

/** An efficiency each way is the root of the round trip's; a home without a battery has none of these. */
const NO_BATTERY = 1;

/**
 * The batteries of all homes. Energies at the meter's side are whole Wh; what is stored loses √η on the way in and on
 * the way out (`docs/model/household.md`, equations 2–5).
 */
export type BatteryBank = {
  /** Efficiency each way, by home. */
  readonly wayEfficiency: Float64Array;
  /** Energy in the cells after the newest move, Wh, by home; not to be written from outside. */
  readonly storedWh: Float64Array;
  /** Largest whole Wh that could go in at the meter's side with `storedWh` in the cells. */
  chargeableWh(home: number, storedWh: number): number;
  /** Largest whole Wh that could come out at the meter's side. */
  dischargeableWh(home: number, storedWh: number): number;
  /** Takes up to `wantedWh` (positive charges, negative discharges); gives back what moved, whole Wh, signed. */
  move(home: number, wantedWh: number): number;
};

/** The batteries as they stand at the start; a home without one neither takes nor gives. */
export function createBatteryBank(homes: readonly Home[], intervalSeconds: number): BatteryBank {
  const capacityWh = Float64Array.from(homes, ({ battery }) => battery?.capacityWh ?? 0);
  const storedWh = Float64Array.from(homes, ({ battery }) => battery?.initialWh ?? 0);
  const wayEfficiency = Float64Array.from(homes, ({ battery }) =>
    Math.sqrt(battery?.roundTripEfficiency ?? NO_BATTERY),
  );
  const limitWh = Float64Array.from(homes, ({ battery }) =>
    Math.floor(((battery?.powerW ?? 0) * intervalSeconds) / SECONDS_PER_HOUR),
  );
  const at = (values: Float64Array, home: number) => values[home] as number;

  const chargeableWh = (home: number, stored: number) =>
    Math.min(at(limitWh, home), Math.floor((at(capacityWh, home) - stored) / at(wayEfficiency, home)));
  const dischargeableWh = (home: number, stored: number) =>
    Math.min(at(limitWh, home), Math.floor(stored * at(wayEfficiency, home)));

  return {
    wayEfficiency,
    storedWh,
    chargeableWh,
    dischargeableWh,
    move(home, wantedWh) {
      const stored = at(storedWh, home);
      const movedWh =
        wantedWh >= 0
          ? Math.min(wantedWh, chargeableWh(home, stored))
          : -Math.min(-wantedWh, dischargeableWh(home, stored));
      const efficiency = at(wayEfficiency, home);
      storedWh[home] = stored + (movedWh >= 0 ? movedWh * efficiency : movedWh / efficiency);
      return movedWh;
    },
  };
}
