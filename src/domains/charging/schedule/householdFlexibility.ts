import { scheduleVehicles } from "./scheduleVehicles.ts";
import type { SchedulingSite, VehicleSchedule, WaitingVehicle } from "./waitingVehicle.ts";

/**
 * A household, or many that an aggregator manages together.
 *
 * @property fixedW load that nobody moves, W an interval
 * @property curtailable loads that may be lowered at peaks, each no lower than its comfort
 * @property vehicles whose comfort is their energy by departure
 * @property peakW above it load is to be avoided
 */
export type FlexibleLoads = Omit<SchedulingSite, "limitW" | "priceMicroPerKwh"> & {
  readonly fixedW: readonly number[];
  readonly curtailable: readonly CurtailableLoad[];
  readonly vehicles: readonly WaitingVehicle[];
  readonly peakW: number;
};

/** @property comfortW the least that the household stands in each interval */
export type CurtailableLoad = {
  readonly id: string;
  readonly wantedW: readonly number[];
  readonly comfortW: readonly number[];
};

/**
 * @property peakW what no interval is above, but for what is fixed or comfort: the limit, or more where comfort needs it
 * @property curtailedW what each load is left with, W an interval
 */
export type FlexiblePlan = {
  readonly peakW: number;
  readonly vehicles: readonly VehicleSchedule[];
  readonly curtailedW: ReadonlyMap<string, readonly number[]>;
};

/**
 * Shifts vehicles and curtails loads so that a household, or a community's, stays below a peak; comfort goes before it (R5.49). Vehicles are
 * charged in what fixed load and comfort leave of the peak, which is raised no further than their promises need; curtailable loads get
 * what is left then, all the same part of what lies above their comfort.
 */
export function planFlexibleLoads(loads: FlexibleLoads): FlexiblePlan {
  const { fixedW, curtailable } = loads;
  const comfortW = fixedW.map(
    (each, k) => each + curtailable.reduce((sum, load) => sum + (load.comfortW[k] ?? 0), 0),
  );
  const plan = lowestPlan(loads, comfortW);
  return { ...plan, curtailedW: curtail(loads, { comfortW, ...plan }) };
}

/** By halves: the lowest limit from the peak on by which the promises are kept that can be kept at all. */
function lowestPlan(loads: FlexibleLoads, comfortW: readonly number[]): Omit<FlexiblePlan, "curtailedW"> {
  const { peakW, vehicles } = loads;
  const within = chargeBelow(loads, comfortW, peakW);
  if (lackingWh(within) === 0) return { peakW, vehicles: within };
  let low = peakW;
  let high = Math.max(peakW, ...comfortW) + vehicles.reduce((sum, { mostW }) => sum + mostW, 0);
  let best = chargeBelow(loads, comfortW, high);
  // What lacks without any peak lacks whatever is done.
  const leastLackingWh = lackingWh(best);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const plan = chargeBelow(loads, comfortW, middle);
    if (lackingWh(plan) > leastLackingWh) low = middle;
    else [high, best] = [middle, plan];
  }
  return { peakW: high, vehicles: best };
}

function chargeBelow(loads: FlexibleLoads, comfortW: readonly number[], peakW: number): VehicleSchedule[] {
  const { phaseLimitW, intervalSeconds, mostStartsAnHour, vehicles } = loads;
  const limitW = comfortW.map((each) => Math.max(0, Math.floor(peakW - each)));
  const site = { limitW, phaseLimitW, intervalSeconds, mostStartsAnHour };
  return scheduleVehicles(vehicles, { site, rule: "leastLaxity" });
}

function lackingWh(schedules: readonly VehicleSchedule[]): number {
  return schedules.reduce((sum, { shortfallWh }) => sum + shortfallWh, 0);
}

function curtail(
  { curtailable, fixedW }: FlexibleLoads,
  {
    comfortW,
    peakW,
    vehicles,
  }: {
    readonly comfortW: readonly number[];
    readonly peakW: number;
    readonly vehicles: readonly VehicleSchedule[];
  },
): ReadonlyMap<string, readonly number[]> {
  const shares = fixedW.map((_, k) => {
    const chargingW = vehicles.reduce((sum, { offeredW }) => sum + (offeredW[k] ?? 0), 0);
    const roomW = Math.max(0, peakW - (comfortW[k] ?? 0) - chargingW);
    const aboveW = curtailable.reduce((sum, load) => sum + aboveComfortW(load, k), 0);
    return aboveW <= roomW ? 1 : roomW / aboveW;
  });
  return new Map(
    curtailable.map((load) => [
      load.id,
      shares.map((share, k) => (load.comfortW[k] ?? 0) + Math.floor(share * aboveComfortW(load, k))),
    ]),
  );
}

function aboveComfortW({ wantedW, comfortW }: CurtailableLoad, k: number): number {
  return Math.max(0, (wantedW[k] ?? 0) - (comfortW[k] ?? 0));
}
