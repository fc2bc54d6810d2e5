import type { Cells } from "./delimited.ts";
import type { Hints } from "./hints.ts";
import { isEmptyCell, looksLikeNumber } from "./numbers.ts";
import { FileRefusedError, refuseWith } from "./question.ts";
import type { RefusedRow } from "./recording.ts";
import { readClock, readOffset, readTime } from "./timeCells.ts";
import { timeName } from "./timeNames.ts";
import { normaliseName, unitInName } from "./units.ts";

/** Cells of one column: what most of them are. */
export type ColumnKind = "dateTime" | "date" | "clock" | "number" | "text" | "zone" | "empty";

export type TableColumn = {
  readonly index: number;
  /** The header's words; `#3` where there is no header. */
  readonly name: string;
  readonly key: string;
  readonly kind: ColumnKind;
};

/**
 * A table with its header found.
 *
 * @property preamble the rows above the header
 * @property refused rows that have no place in it
 */
export type Table = {
  readonly preamble: readonly string[];
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
  readonly lines: readonly number[];
  readonly separator: string;
  readonly refused: readonly RefusedRow[];
};

/** Rows within which a header is looked for. */
const MAX_PREAMBLE = 60;

/** Cells of a column that are looked at to tell what it holds. */
const SAMPLE_ROWS = 400;

/** Share of a column's cells that must be of a kind. */
const KIND_SHARE = 0.6;

const SECONDS_PER_DAY = 86_400;

/**
 * Finds the header: the last row without a time of its own before the first row with one, and the words above the columns.
 *
 * @throws FileRefusedError when no row has a time, or the rows have more cells than the header
 */
export function findTable({ rows, lines, separator }: Cells, hints: Hints): Table {
  const first = rows.findIndex(hasTime);
  if (first === -1) throw new FileRefusedError(noTime(rows), NO_TIME);
  const headerAt = hints.header === "none" ? -1 : findHeader(rows, first);
  if (headerAt === -1 && hints.header !== "none") throw refuseWith(NO_HEADER);
  const width = headerAt === -1 ? (rows[first] as readonly string[]).length : widthOf(rows[headerAt]);
  const names = headerAt === -1 ? numbered(width) : namesOf(rows, headerAt, first, width);
  const kept: (readonly string[])[] = [];
  const keptLines: number[] = [];
  const refused: RefusedRow[] = [];
  for (let at = first; at < rows.length; at += 1) {
    const row = rows[at] as readonly string[];
    const line = lines[at] as number;
    if (row.length < width - trailing(names) || !fits(row, width))
      refused.push({ line, reason: `${row.length} cells instead of ${width}` });
    else {
      kept.push(row);
      keptLines.push(line);
    }
  }
  if (refused.length > kept.length) throw refuseWith(tooManyCells(refused, separator));
  const columns = names.map((name, index) => ({
    index,
    name,
    key: normaliseName(name),
    kind: kindOf(kept, { index, key: normaliseName(name) }),
  }));
  const preamble = rows.slice(0, Math.max(0, headerAt)).map((row) => row.join(" ").trim());
  return { preamble, columns, rows: kept, lines: keptLines, separator, refused };
}

function hasTime(row: readonly string[]): boolean {
  return row.length > 1 && row.some((cell) => isDated(cell) || isCounted(cell));
}

/** Whether a cell has a date, with signs between its numbers. */
function isDated(cell: string): boolean {
  if (cell.length < 6 || DIGITS.test(cell)) return false;
  return readTime(cell, "dayFirst") !== null || readTime(cell, "monthFirst") !== null;
}

const DIGITS = /^\d+([.,]\d+)?$/;

/** Whether digits alone can be a time: a workbook's day, unix time, `20240610`. Values may look like that too. */
function isCounted(cell: string): boolean {
  return cell.length >= 5 && DIGITS.test(cell) && readTime(cell, "dayFirst") !== null;
}

/** The row above the first with a time, over a row that has nothing but units. */
function findHeader(rows: readonly (readonly string[])[], first: number): number {
  for (let at = first - 1; at >= 0 && at >= first - MAX_PREAMBLE; at -= 1) {
    const row = rows[at] as readonly string[];
    if (row.filter((cell) => cell !== "").length >= 2 && !isUnitRow(row)) return at;
  }
  return -1;
}

/** Whether a row has nothing but units and ways to write a date, such as `[dd.MM.yyyy]`. */
function isUnitRow(row: readonly string[]): boolean {
  const said = row.filter((cell) => cell !== "");
  const isShortUnit = (cell: string) => isUnit(cell) && cell.length <= 8;
  const isPattern = (cell: string) => /^\[.*\]$/.test(cell) || /^(dd|tt|yyyy|jjjj|mm)[./\- ]/i.test(cell);
  return said.some(isShortUnit) && said.every((cell) => isShortUnit(cell) || isPattern(cell));
}

/** The header's words, with the unit that stands below or that a row of units gives. */
function namesOf(
  rows: readonly (readonly string[])[],
  headerAt: number,
  first: number,
  width: number,
): readonly string[] {
  const header = rows[headerAt] as readonly string[];
  const below = first - headerAt > 1 ? (rows[headerAt + 1] as readonly string[]) : [];
  const units = isUnitRow(below) ? below : [];
  return Array.from({ length: width }, (_, index) =>
    isUnit(units[index]) ? `${header[index] ?? ""} (${units[index]})` : (header[index] ?? ""),
  );
}

function isUnit(cell: string | undefined): boolean {
  return cell !== undefined && unitInName(normaliseName(cell)) !== null;
}

function widthOf(header: readonly string[] | undefined): number {
  return header?.length ?? 0;
}

function numbered(width: number): readonly string[] {
  return Array.from({ length: width }, (_, index) => `#${index + 1}`);
}

/** Columns at the end without a name, which rows may leave out. */
function trailing(names: readonly string[]): number {
  return names.length - 1 - names.findLastIndex((name) => name !== "");
}

/** Whether what a row has beyond the header is empty. */
function fits(row: readonly string[], width: number): boolean {
  return row.length <= width || row.slice(width).every((cell) => cell === "");
}

/** A row that ends early has lost values; the share of a kind is that among the cells that say something. */
function kindOf(
  rows: readonly (readonly string[])[],
  { index, key }: { index: number; key: string },
): ColumnKind {
  const cells: string[] = [];
  const stride = Math.max(1, Math.floor(rows.length / SAMPLE_ROWS));
  for (let at = 0; at < rows.length; at += stride) {
    const cell = rows[at]?.[index] ?? "";
    if (!isEmptyCell(cell)) cells.push(cell);
  }
  if (cells.length === 0) return "empty";
  const isMostly = (test: (cell: string) => boolean) =>
    cells.filter(test).length >= KIND_SHARE * cells.length;
  if (isMostly((cell) => readOffset(cell) !== null)) return "zone";
  if (isMostly(isDated) || (mayCount(key, index) && isMostly(isCounted)))
    return cells.some(hasClock) ? "dateTime" : "date";
  if (isMostly(isClock)) return "clock";
  return isMostly(looksLikeNumber) ? "number" : "text";
}

/** Digits alone are times only in a column that is named so, or in the first without a name. */
function mayCount(key: string, index: number): boolean {
  return timeName(key) !== null || (index === 0 && key === "") || /^[0-9]+$/.test(key);
}

/** A time of day with a colon, or one of a 12-hour clock: `0.06` is none. */
function isClock(cell: string): boolean {
  const start = cell.replace(/\s+(-|–|bis|to)\s+.*$/, "");
  return /:|[ap]\.?m/i.test(start) && readClock(start) !== null;
}

function hasClock(cell: string): boolean {
  const time = readTime(cell, "dayFirst") ?? readTime(cell, "monthFirst");
  return time !== null && (time.kind === "instant" || time.seconds % SECONDS_PER_DAY !== 0);
}

const NO_TIME = [
  {
    asks: "which column is the time, and how is it written?",
    answer: 'mapping: columns: { "name of the column": { is: time } }',
  },
];

function noTime(rows: readonly (readonly string[])[]): string {
  const header = rows[0] ?? [];
  return `no time column among ${header.slice(0, 12).join(", ").slice(0, 200)}`;
}

const NO_HEADER = {
  asks: "its first row has values, not names: what do the columns mean?",
  answer: 'mapping: header: none, and columns: { "#1": { is: time }, "#2": { is: load, unit: kWh } }',
};

function tooManyCells([first]: readonly RefusedRow[], separator: string) {
  const isComma = separator === ",";
  return {
    asks: `line ${first?.line}: ${first?.reason}${isComma ? ": are there decimal commas between commas that separate?" : ""}`,
    answer: isComma
      ? "export it with semicolons, or with a decimal point"
      : "a header with one name for each column",
  };
}
