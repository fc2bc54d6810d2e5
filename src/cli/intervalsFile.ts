import { writeFileSync } from "node:fs";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { type CsvColumns, csvText } from "#platform/api/csv.ts";
import { localIsoText, utcIsoText } from "#platform/api/localTime.ts";
import type { RunResult } from "#world/simulation/run.ts";
import type { IntervalSums } from "#world/simulation/runBills.ts";
import { UsageError } from "./exit.ts";

type IntervalRow = IntervalSums & {
  readonly community: string;
  readonly currency: string;
  readonly localTime: string;
};

/** Energy in Wh of all homes together, money in micro of the currency; a price is empty where nothing was traded. */
const COLUMNS: CsvColumns<IntervalRow> = [
  ["community", ({ community }) => community],
  ["interval_id", ({ intervalId }) => intervalId],
  ["starts_at_utc", ({ startsAt }) => utcIsoText(startsAt)],
  ["starts_at_local", ({ localTime }) => localTime],
  ["state", ({ isSettled }) => (isSettled ? "settled" : "failed")],
  ["local_price_micro_per_kwh", ({ localPriceMicroPerKwh }) => localPriceMicroPerKwh],
  ["cleared_wh", ({ clearedWh }) => clearedWh],
  ["local_wh", ({ localWh }) => localWh],
  ["import_wh", ({ importWh }) => importWh],
  ["export_wh", ({ exportWh }) => exportWh],
  ["grid_import_wh", ({ gridImportWh }) => gridImportWh],
  ["grid_export_wh", ({ gridExportWh }) => gridExportWh],
  ["grid_fee_micro", ({ gridFeeMicro }) => gridFeeMicro],
  ["welfare_micro", ({ welfareMicro }) => welfareMicro],
  ["currency", ({ currency }) => currency],
];

const FORMATS = ["csv", "json"] as const;
type Format = (typeof FORMATS)[number];

/** The format that a file's name ends with; asked before a run, so that none is in vain. */
export function intervalsFormat(file: string): Format {
  const format = FORMATS.find((each) => file.toLowerCase().endsWith(`.${each}`));
  if (format === undefined) throw new UsageError(`--intervals ${file} ends neither with .csv nor with .json`);
  return format;
}

/** Writes what each interval of the runs came to, a line or an object an interval, in the order of the runs. */
export async function writeIntervals(file: string, results: readonly RunResult[]): Promise<void> {
  const rows = results.flatMap(rowsOf);
  const text = intervalsFormat(file) === "csv" ? await csvOf(rows) : jsonOf(rows);
  writeFileSync(file, text);
}

function rowsOf({ scenario, bills }: RunResult): IntervalRow[] {
  const clock = createLocalClock(scenario.timeZone);
  const { name: community, currency } = scenario;
  return bills.intervals().map((interval) => {
    return { ...interval, community, currency, localTime: localIsoText(interval.startsAt, clock) };
  });
}

async function csvOf(rows: readonly IntervalRow[]): Promise<string> {
  let text = "";
  for await (const piece of csvText(COLUMNS, onePage(rows))) text += piece;
  return text;
}

async function* onePage<Row>(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}

/** The columns of the CSV, by their names; prices, energy and money that may be large as decimal strings. */
function jsonOf(rows: readonly IntervalRow[]): string {
  const objects = rows.map((row) => Object.fromEntries(COLUMNS.map(([name, cell]) => [name, cell(row)])));
  const text = (_: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value);
  return `${JSON.stringify(objects, text, 2)}\n`;
}
