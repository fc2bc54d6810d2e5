import { assert } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { intervalAt } from "#kernel/units/interval.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import type { EnergyRow, EnergySeries } from "#world/households/series.ts";
import type { Hints } from "#world/meterFiles/hints.ts";
import { type OpenedFile, readMeterFile } from "#world/meterFiles/readMeterFile.ts";
import type { Recording } from "#world/meterFiles/recording.ts";
import { currencyInName } from "#world/meterFiles/units.ts";
import { FIRST_ACCOUNT } from "#world/simulation/accounts.ts";
import { areaTerms } from "#world/simulation/areaTerms.ts";
import { numberHomes, type Scenario } from "#world/simulation/scenario.ts";
import {
  type RecordedSection,
  type ScenarioFile,
  ScenarioFileError,
} from "#world/simulation/scenarioFile.ts";
import { checkInterval, readBattery, type ScenarioOverrides } from "#world/simulation/syntheticScenario.ts";
import type { FileKind, ImportReport, RefusedFile } from "./importReport.ts";
import { readTariff } from "./prices.ts";
import { assembleHomes, describeRecording, kindOf, type RecordedHome, spanOf } from "./recordedHomes.ts";
import { type Grid, resampleEnergy, resampleQuality } from "./resample.ts";
import { commonWindow, covers, type Span } from "./window.ts";

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_DAY = 86_400;
const MILLIS_PER_SECOND = 1_000;

/** Lengths of an interval that recordings of other steps are put on, seconds. */
const INTERVAL_LENGTHS = [60, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];

/** A file of the folder, opened, with what a mapping beside it says. */
export type RecordedFile = OpenedFile & { readonly hints?: Hints };

/** A community made of recordings, and what became of each file. */
export type RecordedScenario = { readonly scenario: Scenario; readonly report: ImportReport };

/**
 * Makes a scenario of recorded files (`docs/recorded-data.md`). Bad rows become gaps, bad files are refused, the rest
 * goes on.
 *
 * @throws NoRecordedHomeError when no home is left; ScenarioFileError when the wanted time is not recorded
 */
export function buildRecordedScenario(
  name: string,
  file: ScenarioFile & { readonly recorded: RecordedSection },
  files: readonly RecordedFile[],
  overrides: ScenarioOverrides = {},
): RecordedScenario {
  const source = `scenario ${name}`;
  const seed = overrides.seed ?? file.seed;
  const firstAccount = overrides.firstAccount ?? FIRST_ACCOUNT;
  const timeZone = overrides.timeZone ?? file.timeZone;
  const clock = createLocalClock(timeZone);
  const { recordings, refusedFiles } = readAll(files, { timeZone, currency: file.currency });
  const homeFiles = recordings.get("home") ?? [];
  if (homeFiles.length === 0) throw new NoRecordedHomeError(files.length, refusedFiles);
  const window = runWindow(homeFiles, recordings.get("pvProfile") ?? []);
  const covering = homeFiles.filter((recording) => covers(spanOf(recording), window));
  const intervalSeconds = chooseInterval(file, covering, source);
  const grid = chooseGrid({ file, overrides, clock, window, intervalSeconds, source });
  const { homes, refused } = assembleHomes(recordings, file.recorded, { seed, window });
  const prices = readTariff(recordings.get("prices") ?? [], grid, file.tariff);
  const market = withGridFee(file, prices.gridFeeMicroPerKwh);
  const scenario: Scenario = {
    kind: "pool",
    name,
    title: file.title,
    description: file.description ?? null,
    seed,
    timeZone,
    currency: file.currency,
    retailParts: file.tariff.retailParts ?? null,
    firstAccount,
    startsAt: grid.startsAt,
    firstIntervalId: intervalAt(grid.startsAt, intervalSeconds),
    intervalSeconds,
    intervals: grid.length,
    terms: areaTerms({ market }, { intervalSeconds, extremes: prices.extremes, source }),
    tariff: prices.tariff,
    forecast: file.forecast,
    homes: numberHomes(homes.map(describeHome(file.recorded)), { seed }),
    series: createRecordedSeries(homes, grid),
  };
  const report = {
    read: describeAll(recordings, file.recorded),
    refusedFiles: [...refusedFiles, ...refused],
    homes: homes.length,
    startsAt: grid.startsAt,
    intervals: grid.length,
    intervalSeconds,
    notes: prices.notes,
  };
  return { scenario, report };
}

type ByKind = ReadonlyMap<FileKind, readonly Recording[]>;

/** Files by kind, in the order of their names, whatever order the folder lists them in. */
function readAll(
  files: readonly RecordedFile[],
  { timeZone: defaultZone, currency }: { readonly timeZone: string; readonly currency: string },
) {
  const recordings = new Map<FileKind, Recording[]>();
  const refusedFiles: RefusedFile[] = [];
  const sorted = [...files].sort((one, other) => (one.file < other.file ? -1 : 1));
  for (const opened of sorted) {
    const { file } = opened;
    const read = readMeterFile(opened, { ...opened.hints, defaultZone });
    if (read.status === "refused") refusedFiles.push(read);
    else if (read.recordings.length === 0) refusedFiles.push({ file, reason: "it has no intervals" });
    else
      for (const recording of read.recordings) {
        const kind = kindOf(recording);
        const foreign = foreignPrices(recording, currency);
        if (kind === null)
          refusedFiles.push({ file, reason: "its columns describe no home, PV, vehicle or price" });
        else if (foreign !== null) refusedFiles.push({ file, reason: foreign });
        else recordings.set(kind, [...(recordings.get(kind) ?? []), recording]);
      }
  }
  return { recordings: recordings as ByKind, refusedFiles };
}

/** What is wrong with prices of another currency than the community settles in; null where nothing is said of one. */
function foreignPrices({ columns }: Recording, currency: string): string | null {
  const foreign = columns.find(({ quantity, name }) => {
    const said = quantity === "price" ? currencyInName(name) : null;
    return said !== null && said !== currency;
  });
  if (!foreign) return null;
  return `"${foreign.name}" is in ${currencyInName(foreign.name)}, and the community settles in ${currency}: convert the prices, or set currency of the scenario`;
}

function chooseInterval(file: ScenarioFile, homes: readonly Recording[], source: string): number {
  const finest = Math.min(...homes.map(({ stepSeconds }) => stepSeconds));
  const chosen =
    file.intervalMinutes === undefined
      ? (INTERVAL_LENGTHS.find((seconds) => seconds >= finest) ?? SECONDS_PER_DAY)
      : file.intervalMinutes * SECONDS_PER_MINUTE;
  checkInterval(chosen, source);
  return chosen;
}

/** A shared PV profile narrows the window only as long as it overlaps with the homes by a day. */
function runWindow(homes: readonly Recording[], profiles: readonly Recording[]): Span {
  const window = commonWindow(homes.map(spanOf));
  const withPv = commonWindow([window, ...profiles.slice(0, 1).map(spanOf)]);
  return covers(window, withPv) ? withPv : window;
}

/** Whole intervals within the window, from `from` on, for as many days as wanted and recorded. */
function chooseGrid({
  file,
  overrides,
  clock,
  window,
  intervalSeconds,
  source,
}: {
  file: ScenarioFile;
  overrides: ScenarioOverrides;
  clock: LocalClock;
  window: Span;
  intervalSeconds: number;
  source: string;
}): Grid {
  const wanted = overrides.from ?? file.startsAt;
  const from = wanted === undefined ? window.startsAt : readLocal(wanted, clock, source);
  const startsAt = Math.ceil(Math.max(from, window.startsAt) / intervalSeconds) * intervalSeconds;
  const recorded = Math.floor((window.endsAt - startsAt) / intervalSeconds);
  if (from >= window.endsAt || recorded < 1)
    throw new ScenarioFileError(source, [
      `nothing is recorded from ${utc(startsAt)} on; the files share ${utc(window.startsAt)} to ${utc(window.endsAt)}`,
    ]);
  const days = overrides.days ?? file.days;
  const asked = days === undefined ? recorded : Math.round((days * SECONDS_PER_DAY) / intervalSeconds);
  return { startsAt, stepSeconds: intervalSeconds, length: Math.max(1, Math.min(recorded, asked)) };
}

function readLocal(written: string, clock: LocalClock, source: string): number {
  const local = Date.parse(`${written.length === 10 ? `${written}T00:00` : written}Z`) / MILLIS_PER_SECOND;
  const instant = Number.isNaN(local) ? undefined : clock.instantsOf(local)[0];
  if (instant === undefined) throw new ScenarioFileError(source, [`${written} is no local date or time`]);
  return instant;
}

function utc(unixSeconds: number): string {
  return `${new Date(unixSeconds * MILLIS_PER_SECOND).toISOString().slice(0, 16)}Z`;
}

function withGridFee({ market }: ScenarioFile, recorded: number | null): ScenarioFile["market"] {
  return recorded === null ? market : { ...market, gridFeeMicroPerKwh: Math.max(0, recorded) };
}

function describeHome({ connectionW, battery }: RecordedSection) {
  return ({ id }: RecordedHome, position: number) => ({
    id,
    name: id.replaceAll("_", " "),
    connectionW,
    battery: battery !== null && position % battery.everyNthHome === 0 ? readBattery(battery) : null,
  });
}

function describeAll(recordings: ByKind, { longestInterpolationMinutes }: RecordedSection) {
  return [...recordings].flatMap(([kind, list]) =>
    list.map((recording) => describeRecording(recording, kind, longestInterpolationMinutes)),
  );
}

/** All homes on the run's intervals, interval by interval. */
function createRecordedSeries(homes: readonly RecordedHome[], grid: Grid): EnergySeries {
  const count = homes.length;
  const loadWh = new Float64Array(grid.length * count);
  const pvWh = new Float64Array(grid.length * count);
  const quality = new Uint8Array(grid.length * count);
  homes.forEach(({ load, pv }, home) => {
    for (const [energies, into] of [
      [load, loadWh],
      [pv, pvWh],
    ] as const)
      for (const energy of energies) {
        const whole = resampleEnergy(energy, grid);
        const origin = resampleQuality(energy, grid);
        for (let index = 0; index < grid.length; index += 1) {
          const at = index * count + home;
          into[at] = (into[at] as number) + (whole[index] as number);
          quality[at] = Math.max(quality[at] as number, origin[index] as number);
        }
      }
  });
  return {
    intervals: grid.length,
    read(index: number, row: EnergyRow) {
      assert(index >= 0 && index < grid.length, `interval index ${index} is not recorded`);
      row.loadWh.set(loadWh.subarray(index * count, (index + 1) * count));
      row.pvWh.set(pvWh.subarray(index * count, (index + 1) * count));
      row.quality.set(quality.subarray(index * count, (index + 1) * count));
    },
  };
}

/** Refused files that the error writes out. */
const MAX_WRITTEN_FILES = 5;

export class NoRecordedHomeError extends DomainError {
  readonly code = "noRecordedHome";

  constructor(files: number, refused: readonly RefusedFile[]) {
    const written = refused.slice(0, MAX_WRITTEN_FILES).map(({ file, reason }) => `${file}: ${reason}`);
    const more = refused.length > written.length ? ["…"] : [];
    const reasons = [...written, ...more].join("; ");
    super(
      files === 0
        ? "the data folder holds no file of recordings"
        : `none of ${files} files is a household${reasons === "" ? "" : `; ${reasons}`}`,
    );
  }
}
