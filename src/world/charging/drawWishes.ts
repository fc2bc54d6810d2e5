import { normalDeviate, type Random } from "#kernel/units/random.ts";
import { ONE_PHASE, STATIONS, THREE_PHASES, type Wish } from "./chargingDay.ts";

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/**
 * What a day is drawn from without recordings. Times in hours, energy in Wh; `spread` is the deviation, of a lognormal
 * quantity that of its logarithm.
 */
export const DISTRIBUTIONS = {
  vehiclesAStation: 12,
  morning: { part: 0.6, mean: 8.5, spread: 1 },
  evening: { mean: 17.5, spread: 1.5 },
  stay: { median: 4, spread: 0.5 },
  energy: { median: 12_000, spread: 0.5 },
  threePhasePart: 0.5,
} as const;

/** Vehicles of a day by the declared distributions: as many a station as Poisson's. */
export function drawWishes(random: Random): Wish[] {
  return Array.from({ length: STATIONS }, (_, i) => i + 1).flatMap((station) =>
    Array.from({ length: poisson(DISTRIBUTIONS.vehiclesAStation, random) }, () => drawWish(station, random)),
  );
}

function drawWish(station: number, random: Random): Wish {
  const { morning, evening, stay, energy, threePhasePart } = DISTRIBUTIONS;
  const rush = random() < morning.part ? morning : evening;
  const hour = rush.mean + rush.spread * normalDeviate(random);
  const arrivesAt = Math.min(DAY_SECONDS, Math.max(0, hour * HOUR_SECONDS));
  const staySeconds = lognormal(stay, random) * HOUR_SECONDS;
  return {
    station,
    arrivesAt,
    leavesAt: Math.min(DAY_SECONDS, arrivesAt + staySeconds),
    wantedWh: lognormal(energy, random),
    power: random() < threePhasePart ? THREE_PHASES : ONE_PHASE,
    isAnnounced: false,
  };
}

function lognormal({ median, spread }: { median: number; spread: number }, random: Random): number {
  return median * Math.exp(spread * normalDeviate(random));
}

/** Knuth's: how many draws until their product is below e to the −mean. */
function poisson(mean: number, random: Random): number {
  const least = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > least; product *= random()) count += 1;
  return count;
}
