import type { LocalClock } from "#kernel/units/localClock.ts";
import { type Column, type ColumnRole, readColumns } from "./columns.ts";
import { parseTable, RecordedFileError, type Table, type TableRow } from "./table.ts";
import { placeTimes, readTime } from "./timeStamps.ts";

/** A row that is not used; its place becomes a gap. */
export type RefusedRow = { readonly line: number; readonly reason: string };

/**
 * A recorded file on its own regular grid: value `i` of each column belongs to
 * `[startsAt + i · stepSeconds, startsAt + (i + 1) · stepSeconds)`. NaN where there is none. Base units: W, Wh,
 * micro per kWh.
 */
export type Recording = {
  readonly file: string;
  readonly stem: string;
  readonly startsAt: number;
  readonly stepSeconds: number;
  readonly length: number;
  readonly columns: readonly RecordedColumn[];
  readonly rows: number;
  readonly refused: readonly RefusedRow[];
};

export type RecordedColumn = Pick<Column, "name" | "role" | "quantity" | "factor"> & {
  readonly values: Float64Array;
};

const SECONDS_PER_DAY = 86_400;

/** Steps of one recording: ten years of minutes. A file with two stray times decades apart would else fill the memory. */
const MAX_STEPS = 5_300_000;

/** Base units: no household, and no price, is this large. */
const LARGEST_VALUE = 1e9;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const EMPTY_CELLS = new Set(["", "nan", "na", "n/a", "null", "none", "-"]);

/** Roles whose values may be negative. */
const SIGNED_ROLES: ReadonlySet<ColumnRole> = new Set([
  "feedIn",
  "retail",
  "wholesale",
  "energyIn",
  "energyOut",
]);

/**
 * Reads a recorded file. Bad rows are listed with line, column and unit, and left as gaps.
 *
 * @throws RecordedFileError when nothing can be made of the file
 */
export function readRecording(file: string, text: string, clock: LocalClock): Recording {
  const table = parseTable(file, text);
  const columns = readColumns(table.header);
  const time = columns.find(({ role }) => role === "time");
  const valueColumns = columns.filter(({ role }) => role !== "time");
  if (time === undefined)
    throw new RecordedFileError(file, `no time column among ${table.header.join(", ")}`);
  if (valueColumns.length === 0)
    throw new RecordedFileError(file, `no column of known meaning and unit among ${table.header.join(", ")}`);
  const refused: RefusedRow[] = [];
  const entries = readEntries(table, { time, valueColumns, refused });
  const times = placeTimes(
    entries.map((entry) => entry.time),
    clock,
  );
  return onGrid({ file, entries, times, valueColumns, refused, rows: table.rows.length });
}

type Entry = {
  readonly line: number;
  readonly time: NonNullable<ReturnType<typeof readTime>>;
  readonly values: readonly number[];
};

type Reading = {
  readonly time: Column;
  readonly valueColumns: readonly Column[];
  readonly refused: RefusedRow[];
};

function readEntries(table: Table, { time, valueColumns, refused }: Reading): readonly Entry[] {
  const entries: Entry[] = [];
  for (const row of table.rows) {
    const cell = row.cells[time.index] ?? "";
    const written = readTime(cell);
    if (row.cells.length !== table.header.length) {
      const reason = `${row.cells.length} cells instead of ${table.header.length}`;
      refused.push({ line: row.line, reason });
    } else if (written === null) {
      refused.push({ line: row.line, reason: `column ${time.name}: "${cell}" is no time` });
    } else {
      const values = valueColumns.map((column) => readValue(row, column, table.hasDecimalComma, refused));
      entries.push({ line: row.line, time: written, values });
    }
  }
  return entries;
}

function readValue(row: TableRow, column: Column, hasDecimalComma: boolean, refused: RefusedRow[]): number {
  const cell = row.cells[column.index] ?? "";
  const refuse = (what: string) => {
    refused.push({ line: row.line, reason: `column ${column.name} (${column.unit || "0 or 1"}): ${what}` });
    return Number.NaN;
  };
  if (EMPTY_CELLS.has(cell.toLowerCase())) return refuse("no value");
  const written = hasDecimalComma ? cell.replace(",", ".") : cell;
  if (!NUMBER.test(written)) return refuse(`"${cell}" is no number`);
  const value = Number(written) * column.factor;
  if (value < 0 && !SIGNED_ROLES.has(column.role)) return refuse(`${cell} is negative`);
  return Math.abs(value) <= LARGEST_VALUE
    ? value
    : refuse(`${cell} is beyond ${LARGEST_VALUE} in base units`);
}

function onGrid({
  file,
  entries,
  times,
  valueColumns,
  refused,
  rows,
}: {
  file: string;
  entries: readonly Entry[];
  times: Float64Array;
  valueColumns: readonly Column[];
  refused: RefusedRow[];
  rows: number;
}): Recording {
  const sorted = times.slice().sort();
  const stepSeconds = mostCommonStep(sorted);
  if (stepSeconds === null || stepSeconds > SECONDS_PER_DAY)
    throw new RecordedFileError(file, describeNoStep(entries.length, refused));
  const startsAt = gridStart(sorted, stepSeconds);
  const length = Math.round(((sorted.at(-1) as number) - startsAt) / stepSeconds) + 1;
  if (length > MAX_STEPS)
    throw new RecordedFileError(
      file,
      `its times span ${length} steps of ${stepSeconds} s, above ${MAX_STEPS}`,
    );
  const columns = valueColumns.map(({ name, role, quantity, factor }) => ({
    name,
    role,
    quantity,
    factor,
    values: new Float64Array(length).fill(Number.NaN),
  }));
  const taken = new Uint8Array(length);
  entries.forEach(({ line, values }, entry) => {
    const slot = Math.round(((times[entry] as number) - startsAt) / stepSeconds);
    if (taken[slot] === 1) {
      refused.push({ line, reason: "its interval has a value already; the first stands" });
      return;
    }
    taken[slot] = 1;
    columns.forEach((column, position) => {
      column.values[slot] = values[position] as number;
    });
  });
  refused.sort((one, other) => one.line - other.line);
  if (columns.every(({ values }) => values.every(Number.isNaN)))
    throw new RecordedFileError(file, `no value can be read${exampleOf(refused)}`);
  return { file, stem: stemOf(file), startsAt, stepSeconds, length, columns, rows, refused };
}

function describeNoStep(entries: number, refused: readonly RefusedRow[]): string {
  return `fewer than two different times can be read (${entries} rows)${exampleOf(refused)}`;
}

function exampleOf([first]: readonly RefusedRow[]): string {
  return first === undefined ? "" : `; line ${first.line}: ${first.reason}`;
}

/** The most common distance between neighbouring times, s; null without two different times. */
function mostCommonStep(sorted: Float64Array): number | null {
  const steps = sorted.subarray(1).map((time, index) => time - (sorted[index] as number));
  return mostCommon(steps.filter((step) => step > 0));
}

/** The first time, moved to the phase that most times of the file share. */
function gridStart(sorted: Float64Array, stepSeconds: number): number {
  const phase = mostCommon(sorted.map((time) => time % stepSeconds)) ?? 0;
  return phase + Math.round(((sorted[0] as number) - phase) / stepSeconds) * stepSeconds;
}

/** The most common of some numbers; of equally common ones the smallest. */
function mostCommon(numbers: Float64Array): number | null {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  let best: number | null = null;
  for (const [number, count] of counts) {
    const bestCount = best === null ? 0 : (counts.get(best) ?? 0);
    if (count > bestCount || (count === bestCount && best !== null && number < best)) best = number;
  }
  return best;
}

/** The name of a file without folder and ending. */
function stemOf(file: string): string {
  const base = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  const dot = base.lastIndexOf(".");
  return dot > 0 ? base.slice(0, dot) : base;
}
