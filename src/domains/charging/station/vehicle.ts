/** A vehicle at a charging point; energies are physics, and no money comes of them but by the meter. */
export type Vehicle = {
  readonly capacityWh: number;
  /** Energy in the cells, Wh. */
  readonly storedWh: number;
  /** The driver has it stop there, Wh. */
  readonly stopsAtWh: number;
  /** What it takes at most, W, while the battery is far from full. */
  readonly maxPowerW: number;
  readonly phases: 1 | 3;
};

export const VOLTAGE_V = 230;
/** IEC 61851-1: a station offers at least so much a phase, or nothing. */
export const MINIMUM_CURRENT_A = 6;
/** Above it a battery takes less and less. */
const TAPER_FROM = 0.8;
/** What is left of the power when the battery is full. */
const TAPER_REST = 0.05;
/** Of the energy at the meter so much reaches the cells. */
export const EFFICIENCY = 0.92;
const SECONDS_PER_HOUR = 3_600;
/** The taper is followed in steps of so many seconds at most. */
const STEP_SECONDS = 10;

/** What a station offers a vehicle under a limit, W: whole amperes a phase, and nothing below the least current. */
export function offerW(limitW: number, { phases, mostA }: { phases: 1 | 3; mostA: number }): number {
  const ampere = Math.min(Math.floor(limitW / (phases * VOLTAGE_V)), mostA);
  return ampere < MINIMUM_CURRENT_A ? 0 : ampere * phases * VOLTAGE_V;
}

/** What a vehicle takes of an offer, W; above 80 % its own limit falls evenly. */
export function takeW({ storedWh, stopsAtWh, capacityWh, maxPowerW }: Vehicle, offeredW: number): number {
  if (storedWh >= stopsAtWh) return 0;
  const over = Math.max(0, storedWh / capacityWh - TAPER_FROM) / (1 - TAPER_FROM);
  return Math.min(offeredW, maxPowerW * (1 - over * (1 - TAPER_REST)));
}

/** Charges a vehicle for some seconds; gives it back with the energy that the meter counted, Wh. */
export function chargeVehicle(
  vehicle: Vehicle,
  { offeredW, seconds }: { readonly offeredW: number; readonly seconds: number },
): { readonly vehicle: Vehicle; readonly energyWh: number } {
  let { storedWh } = vehicle;
  let energyWh = 0;
  for (let left = seconds; left > 0; left -= STEP_SECONDS) {
    const step = Math.min(left, STEP_SECONDS);
    const wanted = (takeW({ ...vehicle, storedWh }, offeredW) * step) / SECONDS_PER_HOUR;
    const taken = Math.min(wanted, Math.max(0, vehicle.stopsAtWh - storedWh) / EFFICIENCY);
    energyWh += taken;
    // The last step ends where the driver has it end, not a rounding below.
    storedWh = taken < wanted ? Math.max(storedWh, vehicle.stopsAtWh) : storedWh + taken * EFFICIENCY;
  }
  return { vehicle: { ...vehicle, storedWh }, energyWh };
}
