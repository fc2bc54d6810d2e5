import type { ColumnHint, ColumnRole, Hints } from "./hints.ts";
import { type Meaning, meaningOf, withHint } from "./meanings.ts";
import { decideNumberStyle, isEmptyCell, type NumberStyle, readNumber } from "./numbers.ts";
import type { RowTimes } from "./placeTimes.ts";
import { FileRefusedError, type Question } from "./question.ts";
import type { Fact, RefusedRow } from "./recording.ts";
import type { Table, TableColumn } from "./table.ts";
import { normaliseName, PLAIN, type Unit, unitInName } from "./units.ts";
import type { WrittenColumn } from "./written.ts";

/** Base units: no household, and no price, is this large in an interval. Registers may be. */
const LARGEST_VALUE = 1e9;

/** A column that is read, with what it means. */
export type ValueColumn = {
  readonly column: TableColumn;
  readonly role: ColumnRole;
  readonly unit: Unit;
  readonly tariff: boolean;
  readonly isRegister: boolean;
  /** -1 where somebody said that the file turns it. */
  readonly sign: 1 | -1;
  readonly because: string;
};

/** Columns that are read, and the names of those that are left alone. */
export type Chosen = { readonly columns: readonly ValueColumn[]; readonly left: readonly string[] };

/** What hints say of a column, by its name or its number. */
export function hintOf({ columns = {} }: Hints, { key, index }: TableColumn): ColumnHint | undefined {
  return columns[key] ?? columns[`#${index + 1}`];
}

/**
 * What the columns of numbers mean.
 *
 * @throws FileRefusedError with a question for each column whose meaning is needed and open
 */
export function chooseColumns(candidates: readonly TableColumn[], table: Table, hints: Hints): Chosen {
  const shared = sharedUnit(table);
  const questions: Question[] = [];
  const left: string[] = [];
  const open: ValueColumn[] = [];
  const chosen: ValueColumn[] = [];
  for (const column of candidates) {
    const hint = hintOf(hints, column);
    const meaning = hint?.is === "ignored" ? null : withHint(meaningOf(column.key), hint);
    if (meaning === null) {
      if (column.name !== "") left.push(column.name);
      continue;
    }
    const unit = meaning.unit ?? shared ?? unitOfCells(table, column);
    if (unit === null) questions.push(askForUnit(column));
    else if (meaning.role === null)
      open.push(described(column, { ...meaning, role: "load" }, { unit, hint }));
    else chosen.push(described(column, meaning, { unit, hint }));
  }
  const columns = [...chosen, ...settleOpen(open, chosen, questions)].sort(
    (one, other) => one.column.index - other.column.index,
  );
  if (
    questions.length > 0 &&
    (columns.length === 0 || questions.some(({ answer }) => answer.includes("is:")))
  )
    throw new FileRefusedError(questions.map(({ asks }) => asks).join("; "), questions);
  if (columns.length === 0) throw new FileRefusedError(nothingKnown(table), NOTHING_KNOWN);
  return { columns, left: [...left, ...questions.map(({ asks }) => asks)] };
}

function described(
  column: TableColumn,
  meaning: Meaning,
  { unit, hint }: { unit: Unit; hint: ColumnHint | undefined },
): ValueColumn {
  const isPrice = unit.quantity === "price" && isEnergyRole(meaning.role);
  const { tariff, isRegister, because } = meaning;
  const role = isPrice ? "wholesale" : (meaning.role as ColumnRole);
  return { column, role, unit, tariff, isRegister, because, sign: hint?.sign === "turned" ? -1 : 1 };
}

function isEnergyRole(role: ColumnRole | null): boolean {
  return role === null || ["load", "pv", "import", "export", "net"].includes(role);
}

/**
 * Columns without a direction: alone they are consumption, whose whole and parts are told apart later; beside others with a
 * direction they are asked for. Of energy and mean power of the same rows the energy is taken.
 */
function settleOpen(
  open: readonly ValueColumn[],
  chosen: readonly ValueColumn[],
  questions: Question[],
): readonly ValueColumn[] {
  const energies = open.filter(({ unit }) => unit.quantity === "energy");
  const alone = energies.length === 1 ? energies : open;
  if (!chosen.some(({ role }) => isEnergyRole(role)))
    return alone.map((column) => ({ ...column, because: NO_DIRECTION }));
  for (const { column } of open)
    questions.push({
      asks: `which energy is "${column.name}": taken, fed in, or none that counts?`,
      answer: `mapping: columns: { "${column.name}": { is: load } }, or import, export, pv, net, ignored`,
    });
  return [];
}

/** How the role of a column without a direction is known. */
export const NO_DIRECTION = "energy without a direction is taken for consumption";

function askForUnit({ name }: TableColumn): Question {
  return {
    asks: `"${name}" has no unit`,
    answer: `mapping: columns: { "${name}": { unit: kWh } }`,
  };
}

const UNIT_COLUMN = /(^|_)(unit|units|einheit|masseinheit|eenheid|unite|uom|unidad)(_|$)/;

/** The unit that a column of units repeats in every row, or that a line above the header names. */
function sharedUnit({ columns, rows, preamble }: Table): Unit | null {
  for (const { kind, key, index } of columns) {
    if (kind !== "text" || !UNIT_COLUMN.test(key)) continue;
    const words = new Set(rows.map((row) => row[index] ?? ""));
    const [word = ""] = words;
    const unit = words.size === 1 ? unitInName(normaliseName(word)) : null;
    if (unit !== null) return unit;
  }
  const line = preamble.map(normaliseName).find((words) => UNIT_COLUMN.test(words));
  return line === undefined ? null : unitInName(line);
}

/** The unit that each cell of a column carries. */
function unitOfCells({ rows }: Table, { index }: TableColumn): Unit | null {
  const cell = rows.find((row) => !isEmptyCell(row[index] ?? ""))?.[index] ?? "";
  const tail = /\d\s*(kwh|mwh|wh|kw|w)$/i.exec(cell)?.[1];
  return tail === undefined ? null : unitInName(tail.toLowerCase());
}

function nothingKnown({ columns }: Table): string {
  const names = columns.map(({ name }) => name).join(", ");
  return `no column of known meaning and unit among ${names.slice(0, 200)}`;
}

const NOTHING_KNOWN = [
  {
    asks: "which column is energy, in which unit and direction?",
    answer: 'mapping: columns: { "name of the column": { is: load, unit: kWh } }',
  },
];

/** The style of the numbers in the chosen columns, as a fact of the file. */
export function numberStyleOf(
  columns: readonly ValueColumn[],
  { rows, separator }: Table,
  wanted: "," | "." | undefined,
): { readonly style: NumberStyle; readonly fact: Fact } {
  const cells = function* (): Iterable<string> {
    for (const row of rows) for (const { column } of columns) yield row[column.index] ?? "";
  };
  const { decimal, because } = decideNumberStyle(cells(), { separator, wanted });
  const says = decimal === "," ? "decimal comma" : "decimal point";
  return { style: { decimal }, fact: { what: "numbers", says, because } };
}

/** Reads the cells of a column; what is no value is refused and left out. */
export function readColumn(
  chosen: ValueColumn,
  {
    table,
    kept,
    times,
    style,
    refused,
  }: {
    table: Table;
    kept: Int32Array;
    times: RowTimes;
    style: NumberStyle;
    refused: RefusedRow[];
  },
): WrittenColumn {
  const { column, role, unit, isRegister } = chosen;
  const values = new Float64Array(kept.length);
  const refuse = (at: number, what: string) => {
    const label = `${column.name} (${unit.unit || "0 or 1"})`;
    refused.push({ line: times.lines[at] as number, reason: `column ${label}: ${what}` });
    return Number.NaN;
  };
  for (let at = 0; at < kept.length; at += 1) {
    const cell = table.rows[kept[at] as number]?.[column.index] ?? "";
    const value = readNumber(cell, style) * unit.factor * chosen.sign;
    if (Number.isNaN(value))
      values[at] = refuse(at, isEmptyCell(cell) ? "no value" : `"${cell}" is no number`);
    else if (Math.abs(value) > LARGEST_VALUE && !isRegister && unit.quantity !== "energy")
      values[at] = refuse(at, `${cell} is beyond ${LARGEST_VALUE} in base units`);
    else values[at] = value;
  }
  return {
    name: column.name,
    role,
    quantity: unit === PLAIN ? "plain" : unit.quantity,
    unit: unit.unit,
    isRegister,
    values,
    times,
  };
}
