import { intervalAt } from "#kernel/units/interval.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import { seededRandom } from "#kernel/units/random.ts";
import type { Battery } from "#world/households/home.ts";
import { FIRST_ACCOUNT } from "./accounts.ts";
import { areaTerms } from "./areaTerms.ts";
import { homeSeed, numberHomes, type Scenario } from "./scenario.ts";
import {
  type BatterySection,
  type DrawnHomesSection,
  type ScenarioFile,
  ScenarioFileError,
  STANDARD_CONNECTION_W,
  type SyntheticHomeSection,
  type SyntheticSection,
} from "./scenarioFile.ts";
import { createSyntheticSeries } from "./syntheticSeries.ts";

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_DAY = 86_400;
const MILLIS_PER_SECOND = 1_000;
const DEFAULT_INTERVAL_MINUTES = 15;
const DEFAULT_DAYS = 7;

/**
 * What a command may set instead of the file.
 *
 * @property from local date or time of the start: 2021-02-20 or 2021-02-20T06:00
 * @property timeZone of the recordings' local times
 * @property firstAccount where other communities come before it on the chain
 */
export type ScenarioOverrides = {
  readonly seed?: number;
  readonly days?: number;
  readonly from?: string;
  readonly timeZone?: string;
  readonly firstAccount?: number;
};

/**
 * The scenario of a file with a `synthetic` section.
 *
 * @throws ScenarioFileError when a time or the terms can't be
 */
export function buildSyntheticScenario(
  name: string,
  file: ScenarioFile & { readonly synthetic: SyntheticSection },
  overrides: ScenarioOverrides = {},
): Scenario {
  const source = `scenario ${name}`;
  const seed = overrides.seed ?? file.seed;
  const firstAccount = overrides.firstAccount ?? FIRST_ACCOUNT;
  const intervalSeconds = (file.intervalMinutes ?? DEFAULT_INTERVAL_MINUTES) * SECONDS_PER_MINUTE;
  checkInterval(intervalSeconds, source);
  const timeZone = overrides.timeZone ?? file.timeZone;
  const clock = createLocalClock(timeZone);
  const startsAt = readStart(file, overrides, clock, source);
  const firstIntervalId = intervalAt(startsAt, intervalSeconds);
  const sections = homeSections(file.synthetic.homes, seed);
  const { feedInMicroPerKwh, retailMicroPerKwh } = file.tariff;
  const extremes = { leastFeedIn: feedInMicroPerKwh, mostRetail: retailMicroPerKwh };
  return {
    kind: "pool",
    name,
    title: file.title,
    description: file.description ?? null,
    seed,
    timeZone,
    currency: file.currency,
    retailParts: file.tariff.retailParts ?? null,
    firstAccount,
    startsAt: firstIntervalId * intervalSeconds,
    firstIntervalId,
    intervalSeconds,
    intervals: Math.round(
      ((overrides.days ?? file.days ?? DEFAULT_DAYS) * SECONDS_PER_DAY) / intervalSeconds,
    ),
    terms: areaTerms(file, { intervalSeconds, extremes, source }),
    tariff: { at: () => file.tariff },
    forecast: file.forecast,
    homes: numberHomes(sections.map(describeHome), { seed }),
    series: createSyntheticSeries({
      seed,
      startsAt: firstIntervalId * intervalSeconds,
      intervalSeconds,
      clock,
      place: file.synthetic.place,
      cloudCover: file.synthetic.cloudCover,
      homes: sections,
    }),
  };
}

/** An interval must divide the day, so that times of day repeat. */
export function checkInterval(intervalSeconds: number, source: string): void {
  if (SECONDS_PER_DAY % intervalSeconds !== 0)
    throw new ScenarioFileError(source, [
      `an interval of ${intervalSeconds} s does not divide a day of 86400 s`,
    ]);
}

/**
 * The second at which a community begins, by its local time.
 *
 * @throws ScenarioFileError when the zone has no such time
 */
export function readStart(
  file: Pick<ScenarioFile, "startsAt">,
  { from }: ScenarioOverrides,
  clock: LocalClock,
  source: string,
): number {
  const written = from ?? file.startsAt;
  if (written === undefined) throw new ScenarioFileError(source, ["`startsAt` is missing (local time)"]);
  const local = Date.parse(`${written.length === 10 ? `${written}T00:00` : written}Z`) / MILLIS_PER_SECOND;
  const instant = Number.isNaN(local) ? undefined : clock.instantsOf(local)[0];
  if (instant === undefined)
    throw new ScenarioFileError(source, [`${written} is no local time of the scenario`]);
  return instant;
}

function describeHome({ id, name, connectionW, battery, attitude }: SyntheticHomeSection) {
  const given = Object.fromEntries(Object.entries(attitude).filter(([, value]) => value !== undefined));
  return { id, name: name ?? id, connectionW, battery: readBattery(battery), attitude: given };
}

/** A battery of the file; it starts with the share that the file gives. */
export function readBattery(section: BatterySection | null): Battery | null {
  if (section === null) return null;
  const { capacityWh, powerW, roundTripEfficiency, wearMicroPerKwh, initialShare } = section;
  return { capacityWh, powerW, roundTripEfficiency, wearMicroPerKwh, initialWh: initialShare * capacityWh };
}

function homeSections(homes: SyntheticSection["homes"], seed: number): readonly SyntheticHomeSection[] {
  return Array.isArray(homes) ? homes : drawHomes(homes, seed);
}

const HOMES_SEED = 0x68e31da4;

/** A community of any size by shares: each home's equipment is drawn from its own seed. */
function drawHomes(section: DrawnHomesSection, seed: number): readonly SyntheticHomeSection[] {
  return Array.from({ length: section.count }, (_, position) => {
    const random = seededRandom(homeSeed(seed ^ HOMES_SEED, position));
    const kwhPerYear = Math.round(1_800 + 3_200 * random());
    const hasPv = random() < section.pvShare;
    const hasBattery = random() < section.batteryShare;
    const hasVehicle = random() < section.vehicleShare;
    const peakW = Math.round(3_000 + 6_000 * random());
    const capacityWh = Math.round(4_000 + 8_000 * random());
    return {
      id: `home-${position + 1}`,
      name: `Home ${position + 1}`,
      connectionW: STANDARD_CONNECTION_W,
      kwhPerYear,
      shiftHours: 2 * random() - 1,
      pv: hasPv ? { peakW, tiltDeg: 20 + 25 * random(), azimuthDeg: 120 + 120 * random() } : null,
      battery: hasBattery
        ? {
            capacityWh,
            powerW: Math.round(capacityWh / 2),
            roundTripEfficiency: 0.9,
            wearMicroPerKwh: 20_000,
            initialShare: 0.2,
          }
        : null,
      vehicle: hasVehicle ? { whPerDay: Math.round(3_000 + 6_000 * random()), chargerW: 3_700 } : null,
      attitude: {},
    };
  });
}
