import { present } from "#kernel/units/assert.ts";
import type { VehicleTrade } from "./vehicleTrade.ts";

/**
 * A vehicle at a station in an interval.
 *
 * @property offeredW what its schedule gives it within the station's quota
 * @property mostW what it takes at most, as `mostDischargeW` gives
 * @property phases the station's phases that it is on, evenly
 */
export type PlacedVehicle = {
  readonly vehicle: number;
  readonly offeredW: number;
  readonly mostW: number;
  readonly mostDischargeW: number;
  readonly phases: readonly (0 | 1 | 2)[];
};

/** Power into each vehicle, negative out of it, and what of each trade is delivered, Wh, in the trades' order. */
export type VehiclePowers = {
  readonly powerW: ReadonlyMap<number, number>;
  readonly deliveredWh: readonly number[];
};

const SECONDS_PER_HOUR = 3_600;
/** Thirds of a watt are no whole numbers in floating point. */
const ROUNDING = 1e-6;

/**
 * Delivers trades among the vehicles of one station within its quota (R9.24): what one gives another takes at the same time, in whole W, so that
 * Σ power is what it was without trades, and no more than the quota. A trade is delivered as far as both vehicles' limits
 * and every phase's leave room, in the trades' order; the rest of it is not.
 *
 * @param phaseLimitW of each phase of the station
 */
export function deliverTrades(
  vehicles: readonly PlacedVehicle[],
  trades: readonly Pick<VehicleTrade, "buyer" | "seller" | "energyWh">[],
  { phaseLimitW, intervalSeconds }: { readonly phaseLimitW: number; readonly intervalSeconds: number },
): VehiclePowers {
  const placed = new Map(vehicles.map((each) => [each.vehicle, each]));
  const powerW = new Map(vehicles.map(({ vehicle, offeredW }) => [vehicle, offeredW]));
  const phaseW = [0, 0, 0];
  const move = ({ phases, vehicle }: PlacedVehicle, byW: number) => {
    powerW.set(vehicle, (powerW.get(vehicle) ?? 0) + byW);
    for (const phase of phases) phaseW[phase] = (phaseW[phase] ?? 0) + byW / phases.length;
  };
  for (const { phases, offeredW } of vehicles)
    for (const phase of phases) phaseW[phase] = (phaseW[phase] ?? 0) + offeredW / phases.length;
  const deliveredWh = trades.map(({ buyer, seller, energyWh }) => {
    const to = present(placed.get(buyer), `the vehicle ${buyer}`);
    const from = present(placed.get(seller), `the vehicle ${seller}`);
    const wantedW = Math.floor((energyWh * SECONDS_PER_HOUR) / intervalSeconds);
    const takesW = to.mostW - (powerW.get(buyer) ?? 0);
    const givesW = from.mostDischargeW + (powerW.get(seller) ?? 0);
    const tradedW = Math.max(
      0,
      Math.min(wantedW, takesW, givesW, phaseRoomW({ to, from, phaseW, phaseLimitW })),
    );
    move(to, tradedW);
    move(from, -tradedW);
    return (tradedW * intervalSeconds) / SECONDS_PER_HOUR;
  });
  return { powerW, deliveredWh };
}

/** How much more may flow from one vehicle to another: a phase on which both are changes by the difference of their parts. */
function phaseRoomW({
  to,
  from,
  phaseW,
  phaseLimitW,
}: {
  readonly to: PlacedVehicle;
  readonly from: PlacedVehicle;
  readonly phaseW: readonly number[];
  readonly phaseLimitW: number;
}): number {
  const part = ({ phases }: PlacedVehicle, phase: number) =>
    phases.some((each) => each === phase) ? 1 / phases.length : 0;
  const rooms = phaseW.map((loadW, phase) => {
    const change = part(to, phase) - part(from, phase);
    if (Math.abs(change) < ROUNDING) return Number.POSITIVE_INFINITY;
    return change > 0 ? (phaseLimitW - loadW) / change : (phaseLimitW + loadW) / -change;
  });
  return Math.floor(Math.min(...rooms) + ROUNDING);
}
