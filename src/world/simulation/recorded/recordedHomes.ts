import { seededRandom } from "#kernel/units/random.ts";
import { homeEnergy } from "#world/meterFiles/homeEnergy.ts";
import type { RecordedColumn, Recording } from "#world/meterFiles/recording.ts";
import { homeSeed } from "#world/simulation/scenario.ts";
import type { RecordedSection } from "#world/simulation/scenarioFile.ts";
import { type FilledSeries, fillGaps } from "./gaps.ts";
import type { FileKind, ReadFile, RefusedFile } from "./importReport.ts";
import { isPriceRecording } from "./prices.ts";
import type { GriddedEnergy } from "./resample.ts";
import { chargeVehicle } from "./vehicle.ts";
import { covers, type Span } from "./window.ts";

const SECONDS_PER_HOUR = 3_600;

/** Code of {@link SERIES_QUALITIES}. */
const ESTIMATED = 1;

/** Energy of a file with the origin of its values. */
type RecordedEnergy = GriddedEnergy & { readonly quality: Uint8Array };

/** A home before its energy is put on the run's intervals; `load` and `pv` are added up. */
export type RecordedHome = {
  readonly id: string;
  readonly load: readonly RecordedEnergy[];
  readonly pv: readonly RecordedEnergy[];
};

/** What a file is; null when nothing can be made of its columns. */
export function kindOf(recording: Recording): FileKind | null {
  const has = (role: RecordedColumn["role"]) => recording.columns.some((column) => column.role === role);
  if (has("vehicleWh")) return "vehicle";
  if (isPriceRecording(recording)) return "prices";
  if (/^pv/i.test(recording.stem)) return /_pu$/i.test(recording.stem) ? "pvProfile" : "pvOfHome";
  return ENERGY_ROLES.some(has) ? "home" : null;
}

const ENERGY_ROLES = ["load", "pv", "import", "export", "net"] as const;

/** The name of a home: its file's, with the meter's where a file has several. */
function homeId({ stem, meter }: Recording, hasSeveral: (stem: string) => boolean): string {
  return meter !== null && hasSeveral(stem) ? `${stem}_${meter}` : stem;
}

/** The first second and the end of a recording. */
export function spanOf({ startsAt, stepSeconds, length }: Recording): Span {
  return { startsAt, endsAt: startsAt + stepSeconds * length };
}

/** Describes a file for the report; counts what its gaps needed. */
export function describeRecording(recording: Recording, kind: FileKind, longestMinutes: number): ReadFile {
  const { file, rows, stepSeconds, refused } = recording;
  const hasGaps = kind === "home" || kind === "pvProfile" || kind === "pvOfHome";
  const filled = hasGaps ? recording.columns.map((column) => fill(recording, column, longestMinutes)) : [];
  const total = (count: (series: FilledSeries) => number) =>
    filled.reduce((sum, series) => sum + count(series), 0);
  return {
    file,
    kind,
    rows,
    stepSeconds,
    ...spanOf(recording),
    estimated: total(({ estimated }) => estimated),
    substituted: total(({ substituted }) => substituted),
    refused,
    facts: recording.facts,
    warnings: recording.warnings,
  };
}

function fill({ stepSeconds }: Recording, { values }: RecordedColumn, longestMinutes: number): FilledSeries {
  return fillGaps(values, { stepSeconds, longestMinutes });
}

/** Energy of one column, Wh, gaps filled; power becomes energy by the file's own interval. */
function columnEnergy(recording: Recording, column: RecordedColumn, longestMinutes: number): RecordedEnergy {
  const { startsAt, stepSeconds } = recording;
  const { values, quality } = fill(recording, column, longestMinutes);
  column.estimated?.forEach((isSpread, slot) => {
    if (isSpread === 1) quality[slot] = Math.max(quality[slot] as number, ESTIMATED);
  });
  const factor = column.quantity === "power" ? stepSeconds / SECONDS_PER_HOUR : 1;
  return { startsAt, stepSeconds, energyWh: values.map((value) => value * factor), quality };
}

/** The energies of some columns of a file. */
function energiesOf(
  recording: Recording,
  columns: readonly RecordedColumn[],
  longestMinutes: number,
): readonly RecordedEnergy[] {
  return columns.map((column) => columnEnergy(recording, column, longestMinutes));
}

/** Generation of any column of a PV file; its `electricity` is generation. */
function generationOf(recording: Recording, longestMinutes: number): readonly RecordedEnergy[] {
  const { taken, fedIn } = homeEnergy(recording);
  return energiesOf(recording, [...taken, ...fedIn], longestMinutes);
}

/**
 * Puts the files of homes, PV and vehicles together, homes by rising name. A shared PV profile goes to every n-th home
 * without PV of its own, `pv_<home>.csv` to its home, the k-th vehicle to the k-th home.
 */
export function assembleHomes(
  recordings: ReadonlyMap<FileKind, readonly Recording[]>,
  section: RecordedSection,
  { seed, window }: { seed: number; window: Span },
): { readonly homes: readonly RecordedHome[]; readonly refused: readonly RefusedFile[] } {
  const longest = section.longestInterpolationMinutes;
  const of = (kind: FileKind) => recordings.get(kind) ?? [];
  const refused: RefusedFile[] = [];
  const covering = of("home").filter((recording) => isCovering(recording, window, refused));
  const profile = of("pvProfile").filter((recording) => isCovering(recording, window, refused))[0];
  const vehicles = of("vehicle");
  const counts = new Map<string, number>();
  for (const { stem } of covering) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  const homes = covering.map((recording, position) => {
    const vehicle = vehicles[position];
    const ownPv = [
      ...energiesOf(recording, homeEnergy(recording).fedIn, longest),
      ...of("pvOfHome")
        .filter((pv) => belongsTo(pv, recording))
        .flatMap((pv) => generationOf(pv, longest)),
    ];
    const installedW = ownPv.length === 0 ? drawPeakW(section.pv, position, seed) : 0;
    const shared = profile === undefined || installedW === 0 ? [] : generationOf(profile, longest);
    return {
      id: homeId(recording, (stem) => (counts.get(stem) ?? 0) > 1),
      load: [
        ...energiesOf(recording, homeEnergy(recording).taken, longest),
        ...(vehicle === undefined ? [] : [vehicleLoad(vehicle, section.vehicleChargerW)]),
      ],
      pv: [...ownPv, ...shared.slice(0, 1).map((energy) => scale(energy, installedW))],
    };
  });
  return {
    homes,
    refused: [...refused, ...unused(of("pvOfHome"), covering), ...surplusVehicles(vehicles, covering)],
  };
}

function isCovering(recording: Recording, window: Span, refused: RefusedFile[]): boolean {
  if (covers(spanOf(recording), window)) return true;
  refused.push({ file: recording.file, reason: "it does not cover the time that the other files share" });
  return false;
}

/** `pv_3.csv` belongs to `household_3.csv` and to `3.csv`. */
function belongsTo(pv: Recording, home: Recording): boolean {
  const name = pv.stem.replace(/^pv[_-]?/i, "");
  return name !== "" && (home.stem === name || home.stem.endsWith(`_${name}`));
}

function unused(pvFiles: readonly Recording[], homes: readonly Recording[]): readonly RefusedFile[] {
  return pvFiles
    .filter((pv) => !homes.some((home) => belongsTo(pv, home)))
    .map(({ file }) => ({ file, reason: "no home has the name that follows `pv_`" }));
}

function surplusVehicles(
  vehicles: readonly Recording[],
  homes: readonly Recording[],
): readonly RefusedFile[] {
  return vehicles
    .slice(homes.length)
    .map(({ file }) => ({ file, reason: "there are more vehicles than homes" }));
}

/** Installed W of a home's share in the PV profile: every n-th home, its size drawn from its seed; 0 for the others. */
function drawPeakW(rule: RecordedSection["pv"], position: number, seed: number): number {
  if (rule === null || position % rule.everyNthHome !== 0) return 0;
  return Math.round(rule.leastW + (rule.mostW - rule.leastW) * seededRandom(homeSeed(seed, position))());
}

function scale(energy: RecordedEnergy, factor: number): RecordedEnergy {
  return { ...energy, energyWh: energy.energyWh.map((value) => value * factor) };
}

function vehicleLoad(
  { startsAt, stepSeconds, length, columns }: Recording,
  chargerW: number,
): RecordedEnergy {
  const values = (role: RecordedColumn["role"]) => columns.find((column) => column.role === role)?.values;
  const energyWh = chargeVehicle({
    consumedWh: values("vehicleWh") ?? new Float64Array(length),
    isAvailable: values("available") ?? new Float64Array(length).fill(1),
    stepSeconds,
    chargerW,
  });
  return { startsAt, stepSeconds, energyWh, quality: new Uint8Array(length) };
}
