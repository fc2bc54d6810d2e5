import type { ColumnRole, Hints } from "./hints.ts";
import { readLongTable } from "./longTable.ts";
import { meaningOf } from "./meanings.ts";
import { refuseWith } from "./question.ts";
import type { Table, TableColumn } from "./table.ts";
import { readClock } from "./timeCells.ts";
import { normaliseName } from "./units.ts";
import type { Written } from "./written.ts";

const SECONDS_PER_DAY = 86_400;

/** Numbers of intervals a day that a wide table may have, beside 23 and 25 hours' worth of them. */
const DAY_LENGTHS = [24, 48, 96, 144, 288];

/** Columns of a day: those whose header is a time of day or a running number. */
type DayColumns = {
  readonly columns: readonly TableColumn[];
  readonly clocks: readonly number[];
  readonly means: "start" | "end";
  readonly stepSeconds: number;
};

/**
 * A table with a row a day and a column an interval, made into one with a row an interval; null for any other. Headers that
 * begin one interval after midnight and end with `24:00` or `0:00` are the ends of the intervals.
 *
 * @throws FileRefusedError when no unit can be told
 */
export function readWideTable(table: Table, hints: Hints): readonly Written[] | null {
  const day = dayColumns(table);
  if (day === null) return null;
  const label = labelOf(table, day, hints);
  const others = table.columns.filter((column) => !day.columns.includes(column));
  const columns: TableColumn[] = [
    ...others.map((column, index) => ({
      ...column,
      index,
      kind: column.kind === "dateTime" ? ("date" as const) : column.kind,
    })),
    { index: others.length, name: "time of day", key: "time_of_day", kind: "clock" },
    { index: others.length + 1, name: label, key: normaliseName(label), kind: "number" },
  ];
  const rows: string[][] = [];
  const lines: number[] = [];
  table.rows.forEach((row, at) => {
    const kept = others.map(({ index }) => row[index] ?? "");
    day.columns.forEach((column, position) => {
      rows.push([...kept, clockText(day.clocks[position] as number), row[column.index] ?? ""]);
      lines.push(table.lines[at] as number);
    });
  });
  const long = readLongTable({ ...table, columns, rows, lines }, hints);
  return long.map((written) => ({
    ...written,
    times: day.means,
    stepSeconds: day.stepSeconds,
    facts: [
      {
        what: "layout",
        says: `a row a day, ${day.columns.length} columns of ${day.stepSeconds / 60} min`,
        because: "its header",
      },
      ...written.facts,
    ],
  }));
}

function dayColumns({ columns }: Table): DayColumns | null {
  return clockColumns(columns) ?? numberedColumns(columns);
}

function clockColumns(all: readonly TableColumn[]): DayColumns | null {
  const columns = all.filter(({ name }) => clockOf(name) !== null);
  if (columns.length < 20) return null;
  const written = columns.map(({ name }) => clockOf(name) as number);
  const stepSeconds = mostCommonStep(written);
  if (stepSeconds === null) return null;
  const isEnd = written[0] === stepSeconds;
  // The last of them, 0:00 or 24:00, is the midnight that ends the day.
  const clocks = written.map((clock, at) => (isEnd && clock === 0 && at > 0 ? SECONDS_PER_DAY : clock));
  return { columns, clocks, means: isEnd ? "end" : "start", stepSeconds };
}

/** `00:15`, `12:30 AM`, `kWh 00:15`, `00:00-00:15`: the beginning where there are two. */
function clockOf(name: string): number | null {
  const found = /(\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?)/i.exec(name);
  return found === null || /\d{4}-\d{2}/.test(name) ? null : readClock(found[1] as string);
}

/** `1` to `48`, `V1` to `V96`, `HH01`: as many as a day has intervals. */
function numberedColumns(all: readonly TableColumn[]): DayColumns | null {
  const columns = all.filter(({ name }) => /^[a-z_ ]*\d{1,3}$/i.test(name));
  const numbers = columns.map(({ name }) => Number(/\d+$/.exec(name)?.[0]));
  const first = numbers[0] ?? Number.NaN;
  const isRunning = numbers.every((number, at) => number === first + at) && (first === 0 || first === 1);
  if (!isRunning || !DAY_LENGTHS.includes(columns.length)) return null;
  const stepSeconds = SECONDS_PER_DAY / columns.length;
  return { columns, clocks: columns.map((_, at) => at * stepSeconds), means: "start", stepSeconds };
}

function mostCommonStep(clocks: readonly number[]): number | null {
  const counts = new Map<number, number>();
  clocks.slice(1).forEach((clock, at) => {
    const step = clock - (clocks[at] as number);
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
  });
  const [most] = [...counts].sort((one, other) => other[1] - one[1]);
  return most?.[0] ?? null;
}

function clockText(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${two(seconds / 3_600)}:${two((seconds % 3_600) / 60)}:${two(seconds % 60)}`;
}

const ROLE_WORD: Partial<Record<ColumnRole, string>> = {
  load: "consumption",
  import: "import",
  export: "export",
  pv: "generation",
};

/** A name for the values: by hint, by words above the header, by a column of categories, or by a column that says the unit. */
function labelOf(table: Table, { columns }: DayColumns, hints: Hints): string {
  const hint = hints.columns?.values;
  if (hint?.unit !== undefined)
    return `${ROLE_WORD[(hint.is ?? "load") as ColumnRole] ?? "consumption"} (${hint.unit})`;
  const header = columns.map(({ name }) =>
    meaningOf(normaliseName(name.replace(/\d{1,2}:\d{2}(:\d{2})?/g, " "))),
  );
  const inHeader = header.find((meaning) => meaning?.unit !== null && meaning !== null);
  if (inHeader?.unit) return `${ROLE_WORD[inHeader.role ?? "load"] ?? "consumption"} (${inHeader.unit.unit})`;
  const said = table.preamble.map((line) => meaningOf(normaliseName(line))).find((meaning) => meaning?.unit);
  if (said?.unit) return `${ROLE_WORD[said.role ?? "load"] ?? "consumption"} (${said.unit.unit})`;
  const first = table.rows[0] ?? [];
  const isKnown = table.columns.some(
    ({ index, kind }) => kind === "text" && meaningOf(normaliseName(first[index] ?? ""))?.unit,
  );
  if (isKnown) return "values";
  throw refuseWith({
    asks: `its ${columns.length} columns a day have no unit`,
    answer: "mapping: columns: { values: { is: load, unit: kWh } }",
  });
}
