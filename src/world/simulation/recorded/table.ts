import { DomainError } from "#kernel/units/domainError.ts";

/** A row of a table; `line` counts from 1, the header. Cells are trimmed and unquoted. */
export type TableRow = { readonly line: number; readonly cells: readonly string[] };

export type Table = {
  readonly file: string;
  readonly header: readonly string[];
  readonly hasDecimalComma: boolean;
  readonly rows: readonly TableRow[];
};

/** A separator that a header may use, the likeliest first. */
const SEPARATORS = [",", ";", "\t"] as const;

const BYTE_ORDER_MARK = "\uFEFF";

/**
 * Splits the text of a CSV file. Comma, semicolon or tab separate, whichever the header has most of; a line is a row,
 * so that an unclosed quote spoils its own line only. Byte-order mark and CRLF are accepted, empty lines passed over.
 *
 * @throws RecordedFileError when there is no header
 */
export function parseTable(file: string, text: string): Table {
  const lines = text.replace(BYTE_ORDER_MARK, "").split(/\r\n|\n|\r/);
  const first = lines.findIndex((line) => line.trim() !== "");
  if (first === -1) throw new RecordedFileError(file, "the file is empty");
  const headerLine = lines[first] as string;
  const separator = mostFrequent(headerLine);
  const rows: TableRow[] = [];
  for (let index = first + 1; index < lines.length; index += 1) {
    const line = lines[index] as string;
    if (line.trim() !== "") rows.push({ line: index + 1, cells: splitLine(line, separator) });
  }
  return {
    file,
    header: splitLine(headerLine, separator),
    hasDecimalComma: separator === ";",
    rows,
  };
}

function mostFrequent(header: string): string {
  const counted = SEPARATORS.map((separator) => ({ separator, count: header.split(separator).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).separator;
}

function splitLine(line: string, separator: string): readonly string[] {
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += character;
  }
  return [...cells, cell.trim()];
}

/** A file that can't be used at all; the import names it and goes on with the others. */
export class RecordedFileError extends DomainError {
  readonly code = "recordedFile";
  readonly reason: string;

  constructor(file: string, reason: string) {
    super(`${file}: ${reason}`);
    this.reason = reason;
  }
}
