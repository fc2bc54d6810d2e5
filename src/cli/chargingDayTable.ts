import type { DEPOT_STATIONS } from "#world/charging/drawDepotWishes.ts";
import type { DISTRIBUTIONS } from "#world/charging/drawWishes.ts";
import type { DayFigures, Estimate, Estimates, MonteCarlo } from "#world/charging/monteCarlo.ts";
import { REGIMES, type Regime } from "#world/charging/runDay.ts";
import { alignColumns } from "./alignColumns.ts";

/**
 * Where vehicles are drawn from.
 *
 * @property mendedYears rows whose year lost its century
 */
export type VehicleSource =
  | { readonly kind: "distributions"; readonly distributions: typeof DISTRIBUTIONS }
  | { readonly kind: "depot"; readonly stations: typeof DEPOT_STATIONS }
  | {
      readonly kind: "recordedSessions";
      readonly files: readonly string[];
      readonly rows: number;
      readonly mendedYears: number;
      readonly leftOut: number;
      readonly recordedDays: number;
    };

const NAMES: Readonly<Record<Regime, string>> = {
  traded: "quotas, traded",
  allocated: "quotas as allocated",
  firstCome: "first come, first served",
  unlimited: "nobody limits",
};

const MICRO_PER_CNY = 100_000_000;

/** Figures as they are shown: heading, unit, decimals, and what one of a shown unit is. */
const COLUMNS: readonly (readonly [
  keyof DayFigures,
  heading: string,
  unit: string,
  decimals: number,
  scale: number,
])[] = [
  ["welfareMicro", "welfare", "CNY", 0, MICRO_PER_CNY],
  ["jain", "Jain index", "", 4, 1],
  ["unservedPercent", "unserved", "%", 2, 1],
  ["promisesPercent", "promises kept", "%", 1, 1],
  ["peakPercent", "peak load", "% of rating", 1, 1],
  ["tradedKw", "traded", "kW × periods", 1, 1],
];

/** A Monte-Carlo run for people: a line a regime, each figure a day's mean with its 95 % interval. */
export function renderChargingDay(report: MonteCarlo, source: VehicleSource): string {
  const line = (name: string, estimates: Estimates) => [
    name,
    ...COLUMNS.map(([figure, , , decimals, scale]) => shown(estimates[figure], decimals, scale)),
  ];
  const rows = REGIMES.map((regime) => line(NAMES[regime], report.regimes[regime]));
  const over = (["traded", "allocated"] as const).map((regime) =>
    line(`${NAMES[regime]}, over first come`, report.overFirstCome[regime]),
  );
  const headings = ["", ...COLUMNS.map(([, heading]) => heading)];
  const units = ["", ...COLUMNS.map(([, , unit]) => unit)];
  return [
    ...sourceLines(source),
    `${report.days} days from seed ${report.seed}, ${report.vehiclesADay.toFixed(1)} vehicles a day at eight stations; a transformer of ${report.ratingW / 1_000} kW`,
    `A station expects vehicles that it does not know of by other days, with a mean error of ${(report.expectationErrorW / 1_000).toFixed(1)} kW a period`,
    "Mean of a day ± its 95 % interval",
    "",
    alignColumns([headings, units, ...rows, ...over], `l${"r".repeat(COLUMNS.length)}`),
    "",
  ].join("\n");
}

function shown({ mean, plusMinus }: Estimate, decimals: number, scale: number): string {
  return `${(mean / scale).toFixed(decimals)} ± ${(plusMinus / scale).toFixed(decimals)}`;
}

function sourceLines(source: VehicleSource): string[] {
  if (source.kind === "distributions")
    return ["Vehicles by the declared distributions (docs/model/charging.md)"];
  if (source.kind === "depot")
    return ["Vehicles of a workday by the generator of a depot’s stations (docs/charging-stations.md)"];
  const { files, rows, mendedYears, leftOut, recordedDays } = source;
  return [
    `Recorded sessions of ${files.join(", ")}: ${rows} rows, ${recordedDays} ${recordedDays === 1 ? "day" : "days"} with sessions enough`,
    `A year below 100 lost its century and is read as 2000 later: ${mendedYears} rows`,
    `Left out, since unreadable, without energy or time, or over midnight: ${leftOut} rows`,
  ];
}
