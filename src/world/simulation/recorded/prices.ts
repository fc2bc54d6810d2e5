import type { Tariff } from "#domains/billing/rules/tariff.ts";
import { isPriceRole, type PriceRole } from "#world/meterFiles/hints.ts";
import type { RecordedColumn, Recording } from "#world/meterFiles/recording.ts";
import type { TariffExtremes } from "#world/simulation/areaTerms.ts";
import { type Grid, resampleMean } from "./resample.ts";

/** The tariff of a run, its extremes, and what the files said about the local grid fee. */
export type RecordedTariff = {
  readonly tariff: Tariff;
  readonly extremes: TariffExtremes;
  readonly gridFeeMicroPerKwh: number | null;
  readonly notes: readonly string[];
};

type DefaultTariff = { readonly feedInMicroPerKwh: number; readonly retailMicroPerKwh: number };

/** Whether a file holds prices and nothing else that is read. */
export function isPriceRecording({ columns }: Recording): boolean {
  return columns.every(({ role }) => isPriceRole(role));
}

/**
 * The tariff that price files give for the intervals of a run (`docs/recorded-data.md`, "Prices"). A component that
 * several files give is taken from the first file. Where recorded prices do not reach, their median stands; without
 * any the default tariff does.
 */
export function readTariff(files: readonly Recording[], grid: Grid, fallback: DefaultTariff): RecordedTariff {
  const components = readComponents(files, grid);
  const feedIn = feedInPrices(components) ?? new Float64Array(grid.length).fill(fallback.feedInMicroPerKwh);
  const retail =
    retailPrices(components, fallback) ?? new Float64Array(grid.length).fill(fallback.retailMicroPerKwh);
  const localGridIn = components.get("localGridIn");
  const orderly = feedIn.map((price, index) => Math.min(price, retail[index] as number));
  return {
    tariff: {
      at: (index) => ({
        feedInMicroPerKwh: orderly[index] as number,
        retailMicroPerKwh: retail[index] as number,
      }),
    },
    extremes: {
      leastFeedIn: orderly.reduce((least, price) => Math.min(least, price), Number.POSITIVE_INFINITY),
      mostRetail: retail.reduce((most, price) => Math.max(most, price), Number.NEGATIVE_INFINITY),
    },
    gridFeeMicroPerKwh: localGridIn === undefined ? null : median(localGridIn),
    notes: describePrices(components, grid),
  };
}

/** Recorded price components on the run's intervals, whole micro per kWh, gaps filled with the median. */
type Components = ReadonlyMap<PriceRole, Float64Array>;

function readComponents(files: readonly Recording[], grid: Grid): Components {
  const components = new Map<PriceRole, Float64Array>();
  for (const file of files)
    for (const column of file.columns) {
      const role = column.role as PriceRole;
      if (!components.has(role)) components.set(role, onRun(file, column, grid));
    }
  return components;
}

function onRun({ startsAt, stepSeconds }: Recording, { values }: RecordedColumn, grid: Grid): Float64Array {
  const typical = median(values);
  const complete = values.map((value) => (Number.isNaN(value) ? typical : value));
  const means = resampleMean({ startsAt, stepSeconds, values: complete }, grid);
  return means.map((value) => Math.round(Number.isNaN(value) ? typical : value));
}

/** The supplier buys at its energy price, less what it takes for grid and levies on exports. */
function feedInPrices(components: Components): Float64Array | null {
  const energyIn = components.get("energyIn");
  if (energyIn !== undefined)
    return sum(energyIn, [components.get("gridOut"), components.get("leviesOut")], -1);
  return components.get("feedIn") ?? components.get("wholesale") ?? null;
}

/** The supplier sells at its energy price plus grid and levies; a wholesale price gets the default tariff's margin. */
function retailPrices(components: Components, fallback: DefaultTariff): Float64Array | null {
  const energyOut = components.get("energyOut");
  if (energyOut !== undefined)
    return sum(energyOut, [components.get("gridIn"), components.get("leviesIn")], 1);
  const retail = components.get("retail");
  if (retail !== undefined) return retail;
  const margin = fallback.retailMicroPerKwh - fallback.feedInMicroPerKwh;
  return components.get("wholesale")?.map((price) => price + margin) ?? null;
}

function sum(base: Float64Array, parts: readonly (Float64Array | undefined)[], sign: 1 | -1): Float64Array {
  return base.map((price, index) =>
    parts.reduce((total, part) => total + sign * (part?.[index] ?? 0), price),
  );
}

function describePrices(components: Components, grid: Grid): readonly string[] {
  const used = [...components.keys()].filter((role) => role !== "balancing");
  if (used.length === 0) return ["prices: none recorded, the scenario's tariff stands"];
  const line = `prices: ${used.join(", ")} over ${grid.length} intervals; the median where not recorded`;
  return components.has("balancing") ? [line, "prices: balancing prices are not used"] : [line];
}

/** The middle value, whole; 0 of none. */
function median(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  return Math.round(known[Math.floor(known.length / 2)] ?? 0);
}
