import Papa from "papaparse";
import { FileRefusedError } from "./question.ts";

/**
 * Rows of cells, as a file has them, trimmed.
 *
 * @property lines the line of each row, from 1
 * @property separator of the cells; a tab for workbooks
 */
export type Cells = {
  readonly rows: readonly (readonly string[])[];
  readonly lines: readonly number[];
  readonly separator: string;
};

/** Separators, the likeliest first: semicolons before commas, since numbers may have decimal commas. */
const SEPARATORS = ["\t", ";", "|", ","] as const;

/** Lines that are looked at to find the separator. */
const SAMPLE_LINES = 200;

/** Share of the lines that must agree on their number of cells. */
const AGREEING_SHARE = 0.6;

/**
 * Splits a text into rows of cells. A first line `sep=;` says the separator; else it is the one of tab, semicolon, bar
 * and comma by which most lines have one number of cells, and many; commas give way, since numbers have them too. Empty lines are passed over.
 *
 * @throws FileRefusedError when there is nothing
 */
export function splitText(text: string): Cells {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const said = /^\s*"?sep=(.)"?[^\S\n]*\r?\n/i.exec(body);
  const rest = said === null ? body : body.slice(said[0].length);
  if (rest.trim() === "") throw new FileRefusedError("the file is empty");
  const separator = said?.[1] ?? findSeparator(rest);
  return { ...parse(rest, separator, said === null ? 1 : 2), separator };
}

function findSeparator(text: string): string {
  const sample = text.split(/\r\n|\n|\r/, SAMPLE_LINES).filter((line) => line.trim() !== "");
  const agreeing = SEPARATORS.map((separator) => ({ separator, ...commonWidth(sample, separator) })).filter(
    ({ lines }) => lines >= AGREEING_SHARE * sample.length,
  );
  const hasOther = agreeing.some(({ separator }) => separator === "\t" || separator === ";");
  const able = agreeing.filter(({ separator }) => separator !== "," || !hasOther);
  const [first] = able;
  if (first === undefined) return mostFrequent(sample);
  return able.reduce((best, next) => (next.width > best.width ? next : best), first).separator;
}

/** The number of cells above one that most lines have, and how many have it. */
function commonWidth(sample: readonly string[], separator: string): { width: number; lines: number } {
  const tally = new Map<number, number>();
  for (const line of sample) {
    const width = line.split(separator).length;
    if (width > 1) tally.set(width, (tally.get(width) ?? 0) + 1);
  }
  const [width = 1, lines = 0] = [...tally].sort((one, other) => other[1] - one[1])[0] ?? [];
  return { width, lines };
}

function mostFrequent(sample: readonly string[]): string {
  const joined = sample.join("\n");
  const counted = SEPARATORS.map((separator) => ({ separator, count: joined.split(separator).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).separator;
}

function parse(text: string, separator: string, firstLine: number): Pick<Cells, "rows" | "lines"> {
  return (
    (text.includes('"') ? parseQuoted(text, separator, firstLine) : null) ??
    parseLines(text, separator, firstLine)
  );
}

/** Quoted cells, which may hold separators and line ends; null when quotes are not closed. */
function parseQuoted(
  text: string,
  separator: string,
  firstLine: number,
): Pick<Cells, "rows" | "lines"> | null {
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: separator });
  if (errors.some(({ type }) => type === "Quotes")) return null;
  const rows: (readonly string[])[] = [];
  const lines: number[] = [];
  let line = firstLine;
  for (const row of data) {
    if (row.length > 1 || row[0]?.trim() !== "") {
      rows.push(trimAll(row));
      lines.push(line);
    }
    line += 1 + row.reduce((sum, cell) => sum + (cell.includes("\n") ? cell.split("\n").length - 1 : 0), 0);
  }
  return { rows, lines };
}

/** A line is a row, so that an unclosed quote spoils its own line only. */
function parseLines(text: string, separator: string, firstLine: number): Pick<Cells, "rows" | "lines"> {
  const rows: (readonly string[])[] = [];
  const lines: number[] = [];
  const unquoted = text.includes('"') ? text.replaceAll('"', "") : text;
  unquoted.split(/\r\n|\n|\r/).forEach((line, index) => {
    if (line.trim() === "") return;
    rows.push(trimAll(line.split(separator)));
    lines.push(index + firstLine);
  });
  return { rows, lines };
}

/** Trims new cells where they stand: half a million rows would else be made twice. */
function trimAll(cells: string[]): readonly string[] {
  for (let at = 0; at < cells.length; at += 1) cells[at] = (cells[at] as string).trim();
  return cells;
}
