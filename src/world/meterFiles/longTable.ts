import { present } from "#kernel/units/assert.ts";
import { type Hints, isColumnDuty } from "./hints.ts";
import { meaningOf } from "./meanings.ts";
import type { RowTimes } from "./placeTimes.ts";
import { FileRefusedError } from "./question.ts";
import type { Fact, RefusedRow } from "./recording.ts";
import { findTimeColumns, type ReadTimes, readRowTimes, type TimeColumns } from "./rowTimes.ts";
import { settleSigns } from "./signs.ts";
import type { Table, TableColumn } from "./table.ts";
import { normaliseName, unitInName } from "./units.ts";
import {
  chooseColumns,
  hintOf,
  NO_DIRECTION,
  numberStyleOf,
  readColumn,
  type ValueColumn,
} from "./valueColumns.ts";
import { settleWholes } from "./wholes.ts";
import type { Written } from "./written.ts";

const METER_NAME =
  /(^|_)(zahlpunkt\w*|zahlernummer|zahler|mprn|mpan|nmi|meter_?id|meter|meter_serial_number|metering_?point\w*|ean|customer|customer_id|pod|cups|malo|melo|serial|device|entity_id)(_|$)/;

/** Values of a column that tells kinds of energy apart; a column with more is text. */
const MAX_CATEGORIES = 12;

/** A table with a row an interval: its meters apart, and its kinds of energy as columns. */
export function readLongTable(table: Table, hints: Hints): readonly Written[] {
  const meter = meterColumn(table, hints);
  if (meter === null) return [readOneMeter(table, hints, null)];
  const byMeter = splitBy(table, meter);
  const wanted = hints.meter === undefined || byMeter.size === 1 ? [...byMeter.keys()] : [hints.meter];
  return wanted.map((id) => {
    const rows = byMeter.get(id);
    if (rows === undefined)
      throw new FileRefusedError(`it has no meter ${id}, but ${[...byMeter.keys()].slice(0, 5).join(", ")}`);
    return readOneMeter(rows, hints, id);
  });
}

function meterColumn({ columns }: Table, hints: Hints): TableColumn | null {
  const said = columns.find((column) => hintOf(hints, column)?.is === "meter");
  if (said !== undefined) return said;
  const isMeter = ({ key, kind }: TableColumn) =>
    METER_NAME.test(key) && (kind === "text" || kind === "number") && meaningOf(key) === null;
  return columns.find((column) => isMeter(column) && hintOf(hints, column) === undefined) ?? null;
}

/** `="541…"`, by which Excel is kept from taking a number out of an id. */
const EXCEL_TEXT = /^="?(.*?)"?$/;

/** The rows of a table by what a column says. */
function splitBy(table: Table, column: TableColumn): ReadonlyMap<string, Table> {
  const parts = new Map<string, { rows: (readonly string[])[]; lines: number[] }>();
  table.rows.forEach((row, at) => {
    const key = (row[column.index] ?? "").replace(EXCEL_TEXT, "$1");
    const part = parts.get(key) ?? { rows: [], lines: [] };
    part.rows.push(row);
    part.lines.push(table.lines[at] as number);
    parts.set(key, part);
  });
  const columns = table.columns.map((other) =>
    other === column ? { ...other, kind: "empty" as const } : other,
  );
  return new Map([...parts].map(([key, part]) => [key, { ...table, ...part, columns }]));
}

function readOneMeter(table: Table, hints: Hints, meter: string | null): Written {
  const time = findTimeColumns(table, hints);
  const category = categoryColumn(table, time, hints);
  const parts =
    category === null
      ? [{ name: null, table }]
      : [...splitBy(table, category)].map(([name, part]) => ({ name, table: part }));
  const read = parts.map((part) => readPart(part.table, { hints, time, category: part.name }));
  const first = present(read[0], "a part of the table");
  return {
    meter,
    columns: read.flatMap(({ columns }) => columns),
    zone: first.zone,
    times: time.means ?? (first.hasDayEnd ? "end" : null),
    stepSeconds: first.stepSeconds,
    rows: table.rows.length,
    refused: [...table.refused, ...read.flatMap(({ refused }) => refused)],
    facts: read.flatMap(({ facts }) => facts),
    warnings: [],
  };
}

/** Whether one word, which is nothing but a unit, stands in every row. */
function isUnit(words: ReadonlySet<string>): boolean {
  const [word = ""] = words;
  return words.size === 1 && word.length <= 12 && unitInName(normaliseName(word)) !== null;
}

type Part = Pick<Written, "columns" | "zone" | "stepSeconds" | "refused" | "facts"> & {
  readonly hasDayEnd: boolean;
};

/** A column of text whose every value names a kind of energy, such as GC and GG, beside one column of numbers. */
function categoryColumn({ columns, rows }: Table, time: TimeColumns, hints: Hints): TableColumn | null {
  const said = columns.find((column) => hintOf(hints, column)?.is === "category");
  if (said !== undefined) return said;
  const found = columns.find(({ kind, index }) => {
    if (kind !== "text" || index === time.main.index) return false;
    const words = new Set<string>();
    for (const row of rows) {
      words.add(row[index] ?? "");
      if (words.size > MAX_CATEGORIES) return false;
    }
    return (
      words.size > 0 &&
      !isUnit(words) &&
      [...words].every((word) => (meaningOf(normaliseName(word))?.role ?? null) !== null)
    );
  });
  return found ?? null;
}

function readPart(
  table: Table,
  { hints, time, category }: { hints: Hints; time: TimeColumns; category: string | null },
): Part {
  const used = new Set(
    [time.main, time.clock, time.zone, time.end?.main, time.end?.clock].map((column) => column?.index),
  );
  const numbers = table.columns.filter((column) => !used.has(column.index) && isNamedOrNumber(column, hints));
  const candidates = category === null ? numbers : numbers.map((column) => named(column, category));
  const { columns: chosen, left } = chooseColumns(candidates, table, hints);
  const read = readRowTimes(table, time, hints);
  const facts: Fact[] = [...read.facts, ...describeLeft(left)];
  return {
    ...readValues(table, { chosen, read, hints, facts }),
    zone: read.zone,
    stepSeconds: read.stepSeconds,
    hasDayEnd: read.hasDayEnd,
  };
}

function isNamedOrNumber(column: TableColumn, hints: Hints): boolean {
  const is = hintOf(hints, column)?.is;
  if (is !== undefined) return !isColumnDuty(is);
  return column.kind === "number" || (column.kind === "text" && meaningOf(column.key) !== null);
}

/** A column of values under the words of its rows' category, which keeps its own when both say the same. */
function named(column: TableColumn, category: string): TableColumn {
  const own = meaningOf(column.key);
  const said = meaningOf(normaliseName(category));
  if (own !== null && own.role === said?.role) return column;
  const name = said?.unit === null && own?.unit ? `${category} ${column.name}` : category;
  return { ...column, name, key: normaliseName(name) };
}

function describeLeft(left: readonly string[]): readonly Fact[] {
  if (left.length === 0) return [];
  const says = left.map((name) => `"${name}"`).join(", ");
  return [{ what: "left alone", says, because: "no energy or price by name and unit, or part of a whole" }];
}

function readValues(
  table: Table,
  {
    chosen,
    read,
    hints,
    facts,
  }: {
    chosen: readonly ValueColumn[];
    read: ReadTimes;
    hints: Hints;
    facts: Fact[];
  },
): Pick<Part, "columns" | "refused" | "facts"> {
  const { style, fact } = numberStyleOf(chosen, table, hints.decimal);
  const refused: RefusedRow[] = [...read.refused];
  const times: RowTimes = read.times;
  const columns = chosen.map((column) =>
    readColumn(column, { table, kept: read.kept, times, style, refused }),
  );
  const said = new Map(chosen.map((column) => [column.column.name, column]));
  const hasDirection = (name: string) => said.get(name)?.because !== NO_DIRECTION;
  const signed = settleSigns(columns, { hasDirection, refused });
  const whole = settleWholes(signed.columns, said);
  const meanings = whole.columns.map((column) => describeColumn(column, said.get(column.name)));
  return {
    columns: whole.columns,
    refused,
    facts: [...facts, fact, ...meanings, ...signed.facts, ...whole.facts],
  };
}

function describeColumn(
  { name, role, unit, quantity }: Written["columns"][number],
  said: ValueColumn | undefined,
): Fact {
  const says = [role, unit, quantity === "plain" ? "" : quantity].filter((word) => word !== "").join(", ");
  return { what: `"${name}"`, says, because: said?.because ?? "the words of its name" };
}
