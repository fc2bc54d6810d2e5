import type { Cells } from "./delimited.ts";
import { FileRefusedError } from "./question.ts";

/** Depth at which a list is looked for. */
const MAX_DEPTH = 4;

type Row = Readonly<Record<string, unknown>>;

/** Whether a text is JSON by its first character. */
export function looksLikeJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

/**
 * The longest list of objects in a JSON text, as a table: their keys are the header.
 *
 * @throws FileRefusedError when it is no JSON, or has no such list
 */
export function jsonTable(text: string): Cells {
  const rows = longestList(parseJson(text), 0);
  if (rows.length === 0) throw new FileRefusedError("its JSON has no list of objects");
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => keys.map((key) => cellOf(row[key])));
  return { rows: [keys, ...cells], lines: [0, ...cells.map((_, at) => at + 1)], separator: "," };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FileRefusedError("it begins as JSON and is none");
  }
}

function longestList(value: unknown, depth: number): readonly Row[] {
  if (depth > MAX_DEPTH || typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) && value.every(isRow) ? (value as readonly Row[]) : [];
  if (own.length > 0) return own;
  const inner = Object.values(value).map((each) => longestList(each, depth + 1));
  return inner.reduce<readonly Row[]>((best, list) => (list.length > best.length ? list : best), []);
}

function isRow(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function cellOf(value: unknown): string {
  return typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
}
