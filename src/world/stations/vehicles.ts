import { createLocalClock } from "#kernel/units/localClock.ts";
import { normalDeviate, type Random, seededRandom } from "#kernel/units/random.ts";
import type { Station, StationUse } from "./depotScenario.ts";

/**
 * A vehicle's visit to a charging point.
 *
 * @property arrivesAt unix seconds, as is `leavesAt`
 * @property wantedWh energy that it is promised until it leaves
 * @property mostW its own limit
 * @property leastW below it pauses: 6 A on its phases
 * @property isAnnounced whether the station knows of it before it arrives
 */
export type Visit = {
  readonly id: string;
  readonly arrivesAt: number;
  readonly leavesAt: number;
  readonly wantedWh: number;
  readonly mostW: number;
  readonly leastW: number;
  readonly phases: readonly (0 | 1 | 2)[];
  readonly isAnnounced: boolean;
};

/**
 * How a use of stations draws visits. Our own seeded generator, declared and not measured: no recording stands behind these numbers.
 *
 * @property comesOnWorkday chance that a point is used at all, as `comesOnWeekend`
 * @property arrivalHour mean and spread of the first arrival of a day, hours after midnight
 * @property stayHours mean and spread of a stay
 * @property pauseHours mean time between visits of one point; null where one visit a day is all
 * @property wantedKwh the least and the most
 */
type Habits = {
  readonly comesOnWorkday: number;
  readonly comesOnWeekend: number;
  readonly arrivalHour: readonly [mean: number, spread: number];
  readonly stayHours: readonly [mean: number, spread: number];
  readonly pauseHours: number | null;
  readonly wantedKwh: readonly [least: number, most: number];
};

const HABITS: Readonly<Record<StationUse, Habits>> = {
  workplace: {
    comesOnWorkday: 0.85,
    comesOnWeekend: 0.1,
    arrivalHour: [8.4, 0.8],
    stayHours: [8, 1.2],
    pauseHours: null,
    wantedKwh: [8, 34],
  },
  overnight: {
    comesOnWorkday: 0.8,
    comesOnWeekend: 0.7,
    arrivalHour: [18, 1.4],
    stayHours: [11, 1.5],
    pauseHours: null,
    wantedKwh: [6, 30],
  },
  stop: {
    comesOnWorkday: 1,
    comesOnWeekend: 1,
    arrivalHour: [8.5, 1.5],
    stayHours: [1, 0.3],
    pauseHours: 1.4,
    wantedKwh: [5, 18],
  },
};

/** Onboard chargers: 16 A on one phase, 16 A on three, 32 A on three; and how often. */
const CHARGERS = [
  { share: 0.25, phases: 1, mostW: 3_680 },
  { share: 0.55, phases: 3, mostW: 11_040 },
  { share: 0.2, phases: 3, mostW: 22_080 },
] as const;
const LEAST_AMPERE = 6;
const PHASE_VOLT = 230;
const ANNOUNCED_SHARE = 0.6;
/** Nobody wants more than its charger gives in this part of its stay, were it alone. */
const FEASIBLE_SHARE = 0.9;
const SHORTEST_STAY_HOURS = 0.5;
/** A day of visits begins and ends at this local hour: nobody is asked for at five in the morning. */
const DAY_BEGINS_HOUR = 5;
const DAY_ENDS_HOUR = 29;
const LATEST_ARRIVAL_HOUR = 27;

const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
const WH_PER_KWH = 1_000;
/** Knuth's multiplicative constants spread neighbouring points and days over all seeds. */
const POINT_STRIDE = 0x9e3779b9;
const DAY_STRIDE = 0x85ebca6b;

/** Visits to a station, by arrival, that are not over at `from` and begin before `until`, unix seconds. */
export type Visits = (from: number, until: number) => readonly Visit[];

/** The visits of a station: any part of time can be asked for, in any order, and is always the same. */
export function createVisits(
  station: Pick<Station, "id" | "member" | "use" | "points">,
  { seed, timeZone }: { readonly seed: number; readonly timeZone: string },
): Visits {
  const clock = createLocalClock(timeZone);
  const days = new Map<number, readonly Visit[]>();
  const localDayOf = (at: number) => Math.floor((at + clock.offsetAt(at)) / SECONDS_PER_DAY);
  const visitsOf = (day: number): readonly Visit[] => {
    const known = days.get(day);
    if (known) return known;
    const midnight = day * SECONDS_PER_DAY - clock.offsetAt(day * SECONDS_PER_DAY);
    const drawn = Array.from({ length: station.points }, (_, point) =>
      drawDay({ station, seed, day, point, midnight }),
    ).flat();
    days.set(day, drawn);
    const [oldest] = days.keys();
    if (days.size > REMEMBERED_DAYS && oldest !== undefined) days.delete(oldest);
    return drawn;
  };
  return (from, until) => {
    const found: Visit[] = [];
    for (let day = localDayOf(from) - 1; day <= localDayOf(until); day += 1)
      found.push(...visitsOf(day).filter(({ arrivesAt, leavesAt }) => leavesAt > from && arrivesAt < until));
    return found.sort((a, b) => a.arrivesAt - b.arrivesAt || (a.id < b.id ? -1 : 1));
  };
}

const REMEMBERED_DAYS = 4;

function drawDay({
  station,
  seed,
  day,
  point,
  midnight,
}: {
  readonly station: Pick<Station, "id" | "member" | "use">;
  readonly seed: number;
  readonly day: number;
  readonly point: number;
  readonly midnight: number;
}): Visit[] {
  const habits = HABITS[station.use];
  const pointSeed = Math.imul(station.member * 64 + point + 1, POINT_STRIDE);
  const random = seededRandom(pointSeed ^ Math.imul(day, DAY_STRIDE) ^ seed);
  if (random() >= (isWeekend(day) ? habits.comesOnWeekend : habits.comesOnWorkday)) return [];
  const visits: Visit[] = [];
  let hour = Math.max(DAY_BEGINS_HOUR, around(habits.arrivalHour, random));
  while (hour < LATEST_ARRIVAL_HOUR) {
    const stay = Math.max(SHORTEST_STAY_HOURS, around(habits.stayHours, random));
    const leaves = Math.min(DAY_ENDS_HOUR, hour + stay);
    const id = `${station.id}/${day}/${point}/${visits.length}`;
    visits.push(drawVisit({ id, midnight, hour, leaves, habits, random }));
    if (habits.pauseHours === null) break;
    hour = leaves - habits.pauseHours * Math.log(1 - random());
  }
  return visits;
}

function drawVisit({
  id,
  midnight,
  hour,
  leaves,
  habits: {
    wantedKwh: [least, most],
  },
  random,
}: {
  readonly id: string;
  readonly midnight: number;
  readonly hour: number;
  readonly leaves: number;
  readonly habits: Habits;
  readonly random: Random;
}): Visit {
  const { phases, mostW } = drawCharger(random());
  const first = Math.floor(random() * 3);
  const wantedWh = Math.round((least + (most - least) * random()) * WH_PER_KWH);
  const feasibleWh = Math.floor((leaves - hour) * mostW * FEASIBLE_SHARE);
  return {
    id,
    arrivesAt: midnight + Math.round(hour * SECONDS_PER_HOUR),
    leavesAt: midnight + Math.round(leaves * SECONDS_PER_HOUR),
    wantedWh: Math.min(wantedWh, feasibleWh),
    mostW,
    leastW: LEAST_AMPERE * PHASE_VOLT * phases,
    phases: phases === 3 ? [0, 1, 2] : [first as 0 | 1 | 2],
    isAnnounced: random() < ANNOUNCED_SHARE,
  };
}

function drawCharger(chance: number): (typeof CHARGERS)[number] {
  let sum = 0;
  for (const charger of CHARGERS) {
    sum += charger.share;
    if (chance < sum) return charger;
  }
  return CHARGERS[2];
}

function around([mean, spread]: readonly [number, number], random: Random): number {
  return mean + spread * normalDeviate(random);
}

/** Day 0 is 1 January 1970, a Thursday. */
function isWeekend(day: number): boolean {
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday === 0 || weekday === 6;
}
