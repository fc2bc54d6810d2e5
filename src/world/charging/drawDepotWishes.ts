import type { Random } from "#kernel/units/random.ts";
import type { StationUse } from "#world/stations/depotScenario.ts";
import { createVisits } from "#world/stations/vehicles.ts";
import type { Wish } from "./chargingDay.ts";

const DAY_SECONDS = 86_400;
/** Monday, 5 January 2026, in UTC: a workday, of a station whose clocks show UTC. */
const WORKDAY_STARTS_AT = 1_767_571_200;
const SEEDS = 2 ** 31;

/** The eight stations of a drawn day: their uses, and so many points that a day has about as many vehicles as the declared distributions. */
export const DEPOT_STATIONS: readonly { readonly use: StationUse; readonly points: number }[] = [
  { use: "workplace", points: 12 },
  { use: "workplace", points: 12 },
  { use: "workplace", points: 12 },
  { use: "workplace", points: 12 },
  { use: "stop", points: 3 },
  { use: "stop", points: 3 },
  { use: "overnight", points: 12 },
  { use: "overnight", points: 12 },
];

/** Vehicles of a workday by the generator of depots' stations, six in ten announced; who stays over midnight is cut there. */
export function drawDepotWishes(random: Random): Wish[] {
  const seed = Math.floor(random() * SEEDS);
  return DEPOT_STATIONS.flatMap(({ use, points }, i) => {
    const station = i + 1;
    const visits = createVisits(
      { id: `${station}`, member: station, use, points },
      { seed, timeZone: "UTC" },
    );
    return visits(WORKDAY_STARTS_AT, WORKDAY_STARTS_AT + DAY_SECONDS)
      .filter(({ arrivesAt }) => arrivesAt >= WORKDAY_STARTS_AT)
      .map(({ arrivesAt, leavesAt, wantedWh, mostW, leastW, phases, isAnnounced }) => ({
        ...{ station, wantedWh, isAnnounced },
        arrivesAt: arrivesAt - WORKDAY_STARTS_AT,
        leavesAt: Math.min(DAY_SECONDS, leavesAt - WORKDAY_STARTS_AT),
        power: { mostW, leastW, isThreePhase: phases.length === 3 },
      }));
  });
}
