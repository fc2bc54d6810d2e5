import { getTableColumns } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

/** How a value stands in Parquet; in CSV it is its text. */
export type ExportType = "INT64" | "BOOLEAN" | "STRING";

/** A column of an exported table: its name with its unit, and where it comes from. */
export type ExportedColumn = {
  readonly name: string;
  readonly field: string;
  readonly type: ExportType;
  readonly column: PgColumn;
};

/** What views have beside the columns of their table. */
const INTERNAL = new Set(["groupNumber", "firstAt", "lastAt"]);
/** Names whose unit is not in them. */
const NAMED: Readonly<Record<string, string>> = {
  exactPayment: "exact_payment_thousandth_micro",
  gasUsed: "gas_used_gas",
  cutRemainder: "cut_remainder_w",
};
/** Unix seconds: what happened at a time, or holds from or until one. */
const TIMES = /At$|^(?:timestamp|agentFrom|entityFrom|validFrom|validUntil|disputableUntil)$/;

/** The columns of a table, in its order. */
export function exportedColumns(table: PgTable): readonly ExportedColumn[] {
  return Object.entries(getTableColumns(table))
    .filter(([field]) => !INTERNAL.has(field))
    .map(([field, column]) => ({ name: nameOf(field), field, type: typeOf(column), column }));
}

/** `importWh` is `import_wh`, `startsAt` is `starts_at_unix_s`. */
function nameOf(field: string): string {
  const named = NAMED[field];
  if (named !== undefined) return named;
  const snake = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return TIMES.test(field) ? `${snake}_unix_s` : snake;
}

/** Whole numbers of 64 bits, truth, and all else as text: hashes, words, and numbers that are larger. */
function typeOf(column: PgColumn): ExportType {
  const sql = column.getSQLType();
  if (sql === "boolean") return "BOOLEAN";
  return sql === "integer" || sql === "bigint" ? "INT64" : "STRING";
}

/** A value as Parquet takes it. */
export function parquetValue(type: ExportType, value: unknown): bigint | boolean | string | null {
  if (value === null || value === undefined) return null;
  if (type === "INT64") return BigInt(value as number | bigint);
  if (type === "BOOLEAN") return Boolean(value);
  return textOf(value);
}

/** A value as a cell of CSV takes it. */
export function csvValue(type: ExportType, value: unknown): string | bigint | null {
  if (value === null || value === undefined) return null;
  return type === "INT64" ? BigInt(value as number | bigint) : textOf(value);
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
