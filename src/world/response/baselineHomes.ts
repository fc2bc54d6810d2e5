import type { MeteredDay } from "#domains/response/rules/baseline/baselineInputs.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { localDay } from "#kernel/units/localDay.ts";
import { normalDeviate, seededRandom } from "#kernel/units/random.ts";
import { createEnergyRow, type EnergySeries, SERIES_QUALITIES } from "#world/households/series.ts";
import { describeImport } from "#world/simulation/recorded/importReport.ts";
import { buildRecordedScenario, type RecordedFile } from "#world/simulation/recorded/recordedScenario.ts";
import { parseScenarioFile, ScenarioFileError } from "#world/simulation/scenarioFile.ts";
import { createSyntheticSeries, type SyntheticHome } from "#world/simulation/syntheticSeries.ts";

const HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
const MILLIS_PER_SECOND = 1_000;

/**
 * Homes whose load is known day by day, all of the same dates.
 *
 * @property source in words
 * @property lines what was read of files, for people
 */
export type BaselineHomes = {
  readonly source: string;
  readonly isRecorded: boolean;
  readonly intervalSeconds: number;
  readonly homes: readonly { readonly id: string; readonly days: readonly MeteredDay[] }[];
  readonly lines: readonly string[];
};

/** The generator's year begins in spring and has a winter's beginning in it. */
const GENERATED = {
  homes: 60,
  days: 240,
  startsAt: Date.UTC(2025, 3, 1) / MILLIS_PER_SECOND,
  heatedShare: 0.3,
  heatingBelowC: 15,
  heatingWhPerC: 25,
};

/**
 * Homes of the generator of scenarios, hourly, with an outside temperature and, in some of them, electric heating that follows it. Nothing of
 * it was measured.
 */
export function drawBaselineHomes(seed: number): BaselineHomes {
  const random = seededRandom(seed);
  const { days, startsAt, heatedShare, heatingBelowC, heatingWhPerC } = GENERATED;
  const homes = Array.from({ length: GENERATED.homes }, () => ({
    kwhPerYear: 1_500 + 4_500 * random(),
    shiftHours: 4 * random() - 2,
    heats: random() < heatedShare,
  }));
  const temperatures = drawTemperatures(seed, days);
  const synthetic: SyntheticHome[] = homes.map((home) => ({ ...home, pv: null, vehicle: null }));
  const clock = createLocalClock("UTC");
  const place = { latitudeDeg: 48.7, longitudeDeg: 11.4 };
  const setup = { seed, startsAt, intervalSeconds: HOUR, clock, place, cloudCover: 0.5, homes: synthetic };
  const series = createSyntheticSeries(setup);
  const heated: EnergySeries = {
    intervals: temperatures.length,
    read(index, row) {
      series.read(index, row);
      const coldness = Math.max(0, heatingBelowC - (temperatures[index] ?? heatingBelowC));
      homes.forEach(({ heats }, i) => {
        if (heats) row.loadWh[i] = (row.loadWh[i] ?? 0) + Math.round(heatingWhPerC * coldness);
      });
    },
  };
  const ids = homes.map((_, i) => `generated-${i + 1}`);
  return {
    source: `generated, seed ${seed}: no measured home`,
    isRecorded: false,
    intervalSeconds: HOUR,
    homes: splitDays(heated, { ids, startsAt, intervalSeconds: HOUR, clock, temperatures }),
    lines: [],
  };
}

/**
 * The load of recorded homes, PV and vehicles left aside. Readings that the files lack are missing, not filled.
 *
 * @param timeZone of the homes, which says when a day begins
 * @throws as `buildRecordedScenario`
 */
export function recordedBaselineHomes(files: readonly RecordedFile[], timeZone: string): BaselineHomes {
  const text = `
title: Recorded loads
timeZone: ${timeZone}
tariff: { feedInMicroPerKwh: 0, retailMicroPerKwh: 0 }
recorded: { pv: null }
`;
  const file = parseScenarioFile(text, "recorded loads");
  const { recorded } = file;
  if (recorded === undefined) throw new ScenarioFileError("recorded loads", ["no section of recordings"]);
  const homeFiles = files.filter((each) => !/^ev_/i.test(each.file));
  const { scenario, report } = buildRecordedScenario("recorded", { ...file, recorded }, homeFiles);
  const { startsAt, intervalSeconds, series } = scenario;
  const clock = createLocalClock(timeZone);
  const ids = scenario.homes.map(({ id }) => id);
  return {
    source: `recorded, ${ids.length} ${ids.length === 1 ? "home" : "homes"}`,
    isRecorded: true,
    intervalSeconds,
    homes: splitDays(series, { ids, startsAt, intervalSeconds, clock, temperatures: null }),
    lines: describeImport(report),
  };
}

type Splitting = {
  readonly ids: readonly string[];
  readonly startsAt: number;
  readonly intervalSeconds: number;
  readonly clock: LocalClock;
  readonly temperatures: readonly number[] | null;
};

/** Whole local days of each home; the parts of days at both ends are left out. */
function splitDays(series: EnergySeries, splitting: Splitting): BaselineHomes["homes"] {
  const { ids, startsAt, intervalSeconds, clock, temperatures } = splitting;
  const homes = ids.map((id) => ({ id, days: [] as MeteredDay[] }));
  const row = createEnergyRow(ids.length);
  const measured = SERIES_QUALITIES.indexOf("measured");
  const indexAt = (instant: number) => (instant - startsAt) / intervalSeconds;
  for (
    let day = localDay(clock, startsAt);
    indexAt(day.to) <= series.intervals;
    day = localDay(clock, day.to)
  ) {
    if (day.from < startsAt) continue;
    const first = indexAt(day.from);
    const energies = ids.map((): (number | null)[] => []);
    for (let index = first; index < indexAt(day.to); index += 1) {
      series.read(index, row);
      energies.forEach((own, i) => {
        own.push(row.quality[i] === measured ? (row.loadWh[i] ?? null) : null);
      });
    }
    const date = new Date((day.from + clock.offsetAt(day.from)) * MILLIS_PER_SECOND)
      .toISOString()
      .slice(0, 10);
    const temperatureC = temperatures?.slice(first, indexAt(day.to)) ?? null;
    homes.forEach(({ days }, i) => {
      days.push({ date, energyWh: energies[i] ?? [], temperatureC, hasEvent: false });
    });
  }
  return homes;
}

/** °C of each hour: a year's and a day's wave, and a weather that lasts some days. */
function drawTemperatures(seed: number, days: number): readonly number[] {
  const random = seededRandom(seed + 1);
  let weather = 0;
  return Array.from({ length: days }, (_, day) => {
    weather = 0.7 * weather + 2.5 * normalDeviate(random);
    const ofYear = (GENERATED.startsAt / SECONDS_PER_DAY + day) % 365.25;
    const season = 10 - 10 * Math.cos((2 * Math.PI * (ofYear - 20)) / 365.25);
    return Array.from(
      { length: 24 },
      (_, hour) => season + weather - 4 * Math.cos((2 * Math.PI * (hour - 3)) / 24),
    );
  }).flat();
}
