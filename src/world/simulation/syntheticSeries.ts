import { assert } from "#kernel/units/assert.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import { normalDeviate, type Random, seededRandom } from "#kernel/units/random.ts";
import type { EnergyRow, EnergySeries } from "#world/households/series.ts";
import { homeSeed } from "./scenario.ts";
import { type StandardDay, standardDay, standardLoadW } from "./standardLoad.ts";
import { type Place, type Plane, planeIrradiance, planeOf, type SunVector, sunAt } from "./sun.ts";

const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
const MILLIS_PER_SECOND = 1_000;
const HOURS_OF_DAY = 24;

/** Irradiance that an installed power is rated at, W/m². */
const STANDARD_IRRADIANCE = 1_000;

/** What wiring, inverter, heat and dust leave of the rated yield. */
const PERFORMANCE_RATIO = 0.8;

/**
 * A home of the generator. `pv` and `vehicle` are null where there is none.
 *
 * @property shiftHours how much later than the standard household it lives, hours
 */
export type SyntheticHome = {
  readonly kwhPerYear: number;
  readonly shiftHours: number;
  readonly pv: { readonly peakW: number; readonly tiltDeg: number; readonly azimuthDeg: number } | null;
  readonly vehicle: { readonly whPerDay: number; readonly chargerW: number } | null;
};

export type SyntheticSetup = {
  readonly seed: number;
  readonly startsAt: number;
  readonly intervalSeconds: number;
  readonly clock: LocalClock;
  readonly place: Place;
  /** Mean cloud cover, 0 clear … 1 overcast. */
  readonly cloudCover: number;
  readonly homes: readonly SyntheticHome[];
};

/**
 * An endless seeded series: standard household shape with each home's own noise and habits, PV from the sun's position
 * under drifting clouds, vehicles charged in the evening. Any interval can be asked for; days are made when needed and
 * the newest is kept. Whole Wh; what rounding leaves is carried to the next interval of the day.
 */
export function createSyntheticSeries(setup: SyntheticSetup): EnergySeries {
  const slotsPerDay = SECONDS_PER_DAY / setup.intervalSeconds;
  const planes = setup.homes.map(({ pv }) => (pv === null ? null : planeOf(pv.tiltDeg, pv.azimuthDeg)));
  const rows = createDay(slotsPerDay, setup.homes.length);
  let knownDay = -1;
  return {
    intervals: Number.POSITIVE_INFINITY,
    read(index, row) {
      assert(index >= 0, `interval index ${index} is negative`);
      const day = Math.floor(index / slotsPerDay);
      if (day !== knownDay) {
        generateDay(setup, planes, day, rows);
        knownDay = day;
      }
      copyRow(rows, index - day * slotsPerDay, row);
    },
  };
}

/** A day of all homes, row by row. */
type Day = { readonly slots: number; readonly loadWh: Float64Array; readonly pvWh: Float64Array };

function createDay(slots: number, homes: number): Day {
  return { slots, loadWh: new Float64Array(slots * homes), pvWh: new Float64Array(slots * homes) };
}

function copyRow({ loadWh, pvWh }: Day, slot: number, row: EnergyRow): void {
  const homes = row.loadWh.length;
  row.loadWh.set(loadWh.subarray(slot * homes, (slot + 1) * homes));
  row.pvWh.set(pvWh.subarray(slot * homes, (slot + 1) * homes));
  row.quality.fill(0);
}

function generateDay(setup: SyntheticSetup, planes: readonly (Plane | null)[], day: number, into: Day): void {
  const moments = describeMoments(setup, day, into.slots);
  const clouds = drawClouds(setup, day, into.slots);
  into.pvWh.fill(0);
  setup.homes.forEach((home, position) => {
    const random = seededRandom(homeSeed(homeSeed(setup.seed, position), day));
    generateLoad(setup, { home, position, day, moments, random, into });
    const plane = planes[position];
    if (home.pv !== null && plane) {
      const skies = { moments, clouds, random, plane, peakW: home.pv.peakW };
      generatePv(setup, skies, position, into);
    }
  });
}

/** What all homes share at the middle of an interval. */
type Moment = {
  readonly sun: SunVector;
  readonly standard: StandardDay;
  readonly hour: number;
};

function describeMoments(setup: SyntheticSetup, day: number, slots: number): readonly Moment[] {
  const { startsAt, intervalSeconds, clock, place } = setup;
  return Array.from({ length: slots }, (_, slot) => {
    const middle = startsAt + day * SECONDS_PER_DAY + (slot + 0.5) * intervalSeconds;
    const local = new Date((middle + clock.offsetAt(middle)) * MILLIS_PER_SECOND);
    const midnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
    const dayOfYear =
      (midnight - Date.UTC(local.getUTCFullYear(), 0, 1)) / (SECONDS_PER_DAY * MILLIS_PER_SECOND) + 1;
    return {
      sun: sunAt(middle, place),
      standard: standardDay(dayOfYear, local.getUTCDay()),
      hour: (local.getTime() - midnight) / (SECONDS_PER_HOUR * MILLIS_PER_SECOND),
    };
  });
}

const CLOUD_SEED = 0x51ed270b;
const CLOUD_HOURS = 1.5;

/** How far days differ from the mean cover, and hours from their day's. */
const DAY_SPREAD = 1.4;
const CLOUD_SPREAD = 0.25;

/**
 * Transmittance of the clouds over a day: the day's mean cover is like its neighbours', and within the day the cover
 * drifts around it (a first-order autoregression). Cover to transmittance by Kasten and Czeplak (1980).
 */
function drawClouds(
  { seed, cloudCover, intervalSeconds }: SyntheticSetup,
  day: number,
  slots: number,
): Float64Array {
  const dayCover = (of: number) => seededRandom(homeSeed(seed ^ CLOUD_SEED, of))();
  const weighted = (dayCover(day) * 2 + dayCover(day + 1)) / 3;
  const mean = cloudCover + DAY_SPREAD * (weighted - 0.5);
  const random = seededRandom(homeSeed(seed ^ CLOUD_SEED, -1 - day));
  const memory = Math.exp(-intervalSeconds / (CLOUD_HOURS * SECONDS_PER_HOUR));
  let drift = normalDeviate(random);
  return Float64Array.from({ length: slots }, () => {
    drift = memory * drift + Math.sqrt(1 - memory * memory) * normalDeviate(random);
    const cover = Math.min(1, Math.max(0, mean + CLOUD_SPREAD * drift));
    return 1 - 0.75 * cover ** 3.4;
  });
}

const LOAD_NOISE = 0.5;
const LOAD_NOISE_HOURS = 0.75;

/** The standard household, lived by this home: shifted, and with appliances that come and go. */
function generateLoad(
  setup: SyntheticSetup,
  {
    home,
    position,
    day,
    moments,
    random,
    into,
  }: {
    home: SyntheticHome;
    position: number;
    day: number;
    moments: readonly Moment[];
    random: Random;
    into: Day;
  },
): void {
  const { intervalSeconds } = setup;
  const homes = setup.homes.length;
  const memory = Math.exp(-intervalSeconds / (LOAD_NOISE_HOURS * SECONDS_PER_HOUR));
  const fresh = Math.sqrt(1 - memory * memory);
  const hours = intervalSeconds / SECONDS_PER_HOUR;
  let noise = normalDeviate(random);
  let carryWh = 0;
  moments.forEach(({ standard, hour }, slot) => {
    noise = memory * noise + fresh * normalDeviate(random);
    const shifted = (hour - home.shiftHours + HOURS_OF_DAY) % HOURS_OF_DAY;
    const standardW = standardLoadW(standard, home.kwhPerYear, shifted);
    const ownW = standardW * Math.exp(LOAD_NOISE * noise - (LOAD_NOISE * LOAD_NOISE) / 2);
    const exactWh = ownW * hours + vehicleWh(setup, home, position, day, slot) + carryWh;
    const wholeWh = Math.round(exactWh);
    carryWh = exactWh - wholeWh;
    into.loadWh[slot * homes + position] = Math.max(0, wholeWh);
  });
}

const VEHICLE_SEED = 0x2c1b3c6d;
const ARRIVAL_HOUR = 18;
const HOME_DAYS_SHARE = 0.3;

/** A charge reaches into the following day at most, seconds. */
const LONGEST_CHARGE = 18 * SECONDS_PER_HOUR;

/** Energy that the home's vehicle draws in an interval: charged from its arrival on until full, also past midnight. */
function vehicleWh(
  setup: SyntheticSetup,
  home: SyntheticHome,
  position: number,
  day: number,
  slot: number,
): number {
  const { vehicle } = home;
  if (vehicle === null) return 0;
  const { intervalSeconds } = setup;
  const beginsAt = setup.startsAt + day * SECONDS_PER_DAY + slot * intervalSeconds;
  const localSeconds = beginsAt + setup.clock.offsetAt(beginsAt);
  const localDay = Math.floor(localSeconds / SECONDS_PER_DAY);
  let seconds = 0;
  for (const sessionDay of [localDay - 1, localDay]) {
    const session = drawSession(homeSeed(setup.seed ^ VEHICLE_SEED, position), sessionDay, vehicle);
    const from = Math.max(localSeconds, session.from);
    const until = Math.min(localSeconds + intervalSeconds, session.until);
    seconds += Math.max(0, until - from);
  }
  return (seconds * vehicle.chargerW) / SECONDS_PER_HOUR;
}

/** A day's charging, in local seconds; on some days the vehicle needs none. */
function drawSession(seed: number, localDay: number, vehicle: NonNullable<SyntheticHome["vehicle"]>) {
  const random = seededRandom(homeSeed(seed, localDay));
  const isCharging = random() >= HOME_DAYS_SHARE;
  const from = localDay * SECONDS_PER_DAY + (ARRIVAL_HOUR + normalDeviate(random)) * SECONDS_PER_HOUR;
  const neededWh = isCharging ? (vehicle.whPerDay * (0.5 + random())) / (1 - HOME_DAYS_SHARE) : 0;
  return { from, until: from + Math.min((neededWh * SECONDS_PER_HOUR) / vehicle.chargerW, LONGEST_CHARGE) };
}

/** Clouds over a single roof differ a little from the community's. */
const ROOF_SPREAD = 0.03;

function generatePv(
  { homes, intervalSeconds }: SyntheticSetup,
  skies: {
    readonly moments: readonly Moment[];
    readonly clouds: Float64Array;
    readonly random: Random;
    readonly plane: Plane;
    readonly peakW: number;
  },
  position: number,
  into: Day,
): void {
  const hours = intervalSeconds / SECONDS_PER_HOUR;
  let carryWh = 0;
  skies.moments.forEach(({ sun }, slot) => {
    if (sun.up <= 0) return;
    const roof = (skies.clouds[slot] as number) * (1 + ROOF_SPREAD * normalDeviate(skies.random));
    const irradiance = planeIrradiance(sun, skies.plane, Math.min(1, Math.max(0, roof)));
    const powerW = Math.min(
      skies.peakW,
      skies.peakW * (irradiance / STANDARD_IRRADIANCE) * PERFORMANCE_RATIO,
    );
    const exactWh = powerW * hours + carryWh;
    const wholeWh = Math.max(0, Math.round(exactWh));
    carryWh = exactWh - wholeWh;
    into.pvWh[slot * homes.length + position] = wholeWh;
  });
}
