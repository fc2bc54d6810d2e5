import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { DEPOT_STATIONS, drawDepotWishes } from "#world/charging/drawDepotWishes.ts";
import { DISTRIBUTIONS, drawWishes } from "#world/charging/drawWishes.ts";
import { type DrawWishes, runMonteCarlo } from "#world/charging/monteCarlo.ts";
import { drawRecordedWishes, readRecordedSessions } from "#world/charging/recordedSessions.ts";
import { renderChargingDay, type VehicleSource } from "./chargingDayTable.ts";
import { UsageError } from "./exit.ts";
import { seed, wholeNumber } from "./optionValues.ts";
import { createProgress } from "./progress.ts";

type Options = {
  readonly days: number;
  readonly seed: number;
  readonly data?: string;
  readonly depot?: true;
  readonly rating?: number;
  readonly json?: true;
};

/** Half a second a day and regime: more are a night's work. */
const MOST_DAYS = 10_000;
const W_PER_KW = 1_000;
/** More than a transformer of a neighbourhood has. */
const MOST_KW = 1_000_000;

const EXAMPLES = `
Examples:
  commonwatt charging-day
  commonwatt charging-day --days 100 --seed 7 --rating 280
  commonwatt charging-day --data your-folder --json
  commonwatt charging-day --depot
`;

/** Adds `commonwatt charging-day`: eight stations behind one transformer on many random days, under each way to share it (R9.20). */
export function registerChargingDay(program: Command): void {
  program
    .command("charging-day")
    .description(
      "eight charging stations behind one transformer on random days, with quotas, with trade, and without",
    )
    .option("--days <number>", "days to draw", wholeNumber(1, MOST_DAYS), 20)
    .option("--seed <number>", "seed of the first day", seed, 1)
    .option("--data <folder>", "recorded sessions, CSV, instead of declared distributions")
    .option("--depot", "vehicles by the generator of a depot's stations instead")
    .option(
      "--rating <kW>",
      "the transformer's rating; without it one at which quotas are short",
      wholeNumber(1, MOST_KW),
    )
    .option("--json", "print one JSON value instead of tables")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride()
    .action(chargingDay);
}

function chargingDay({ days, seed, data, depot, rating, json }: Options): void {
  if (data !== undefined && depot) throw new UsageError("--data and --depot are two sources of vehicles");
  const progress = createProgress(process.stderr);
  const { source, draw } = data !== undefined ? byRecordings(data) : depot ? byDepot() : byDistributions();
  const report = runMonteCarlo({
    days,
    seed,
    draw,
    ratingW: rating === undefined ? undefined : rating * W_PER_KW,
    onDay: (done) => progress.count("days", done, days),
  });
  progress.end();
  process.stdout.write(
    json ? `${JSON.stringify({ ...report, source })}\n` : renderChargingDay(report, source),
  );
}

type Draw = { readonly source: VehicleSource; readonly draw: DrawWishes };

function byDistributions(): Draw {
  return { source: { kind: "distributions", distributions: DISTRIBUTIONS }, draw: drawWishes };
}

function byDepot(): Draw {
  return { source: { kind: "depot", stations: DEPOT_STATIONS }, draw: drawDepotWishes };
}

function byRecordings(folder: string): Draw {
  const files = csvFilesOf(folder);
  const read = files.map((file) => readRecordedSessions(file, readFileSync(join(folder, file), "utf8")));
  const sum = (count: "rows" | "mendedYears" | "leftOut") =>
    read.reduce((total, each) => total + each[count], 0);
  const days = read.flatMap((each) => each.days);
  const counts = { rows: sum("rows"), mendedYears: sum("mendedYears"), leftOut: sum("leftOut") };
  return {
    source: { kind: "recordedSessions", files, ...counts, recordedDays: days.length },
    draw: (random) => drawRecordedWishes({ days, ...counts }, random),
  };
}

function csvFilesOf(folder: string): string[] {
  const files = readFolder(folder)
    .filter((name) => name.toLowerCase().endsWith(".csv"))
    .sort();
  if (files.length === 0) throw new UsageError(`--data ${folder} has no CSV file`);
  return files;
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new UsageError(`--data ${folder} can't be read`, { cause });
  }
}
