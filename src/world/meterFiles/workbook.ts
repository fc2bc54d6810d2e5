import { read, utils } from "@e965/xlsx";
import type { Cells } from "./delimited.ts";
import type { Fact } from "./recording.ts";

/**
 * The cells of a workbook's sheet with the most of them: numbers with a decimal point, dates as serial days; null when the bytes are no workbook. */
export function readWorkbook(
  bytes: Uint8Array,
): { readonly cells: Cells; readonly facts: readonly Fact[] } | null {
  const book = openBook(bytes);
  if (book === null || book.SheetNames.length === 0) return null;
  const sheets = book.SheetNames.map((name) => ({ name, rows: rowsOf(book.Sheets[name]) }));
  const largest = sheets.reduce((best, sheet) => (sheet.rows.length > best.rows.length ? sheet : best));
  const filled = largest.rows
    .map((row, at) => ({ row, line: at + 1 }))
    .filter(({ row }) => row.some((cell) => cell !== ""));
  const because = sheets.length === 1 ? "it is the only one" : "it has the most rows";
  return {
    cells: { rows: filled.map(({ row }) => row), lines: filled.map(({ line }) => line), separator: "," },
    facts: [{ what: "workbook", says: `sheet "${largest.name}"`, because }],
  };
}

function openBook(bytes: Uint8Array): ReturnType<typeof read> | null {
  try {
    return read(bytes, {
      type: "array",
      dense: true,
      cellFormula: false,
      cellHTML: false,
      cellText: false,
    });
  } catch {
    return null;
  }
}

function rowsOf(
  sheet: ReturnType<typeof read>["Sheets"][string] | undefined,
): readonly (readonly string[])[] {
  if (sheet === undefined) return [];
  const rows = utils.sheet_to_json<unknown[]>(sheet, { header: 1, raw: true, defval: "", blankrows: true });
  return rows.map((row) => row.map(cellText));
}

function cellText(cell: unknown): string {
  return typeof cell === "string" ? cell.trim() : cell === null || cell === undefined ? "" : String(cell);
}
