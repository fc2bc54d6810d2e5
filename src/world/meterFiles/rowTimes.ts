import type { Hints } from "./hints.ts";
import type { RowTimes } from "./placeTimes.ts";
import { FileRefusedError } from "./question.ts";
import type { Fact, RefusedRow } from "./recording.ts";
import type { Table, TableColumn } from "./table.ts";
import {
  type DateOrder,
  decideDateOrder,
  readClock,
  readOffset,
  readTime,
  type WrittenTime,
} from "./timeCells.ts";
import { timeName, zoneInName } from "./timeNames.ts";

/**
 * The columns that say when.
 *
 * @property clock beside a date; null where the time stands in one column
 * @property zone a column of CET and CEST
 */
export type TimeColumns = {
  readonly main: TableColumn;
  readonly clock: TableColumn | null;
  readonly zone: TableColumn | null;
  readonly end: { readonly main: TableColumn; readonly clock: TableColumn | null } | null;
  readonly means: "start" | "end" | null;
};

/**
 * Finds the columns that say when, by their names and by what stands in them.
 *
 * @throws FileRefusedError when there is none
 */
export function findTimeColumns(table: Table, hints: Hints): TimeColumns {
  const duty = dutyOf(hints);
  const dated = table.columns.filter((column) => isTimeColumn(column, duty(column)));
  const clocks = table.columns.filter((column) => column.kind === "clock" && duty(column) !== "ignored");
  if (dated.length === 0) throw new FileRefusedError(`no time column among ${namesOf(table)}`, NO_TIME);
  const starts = dated.filter((column) => duty(column) !== "end" && timeName(column.key) !== "end");
  const ends = dated.filter((column) => !starts.includes(column));
  const said = dated.find((column) => ["time", "date"].includes(duty(column) ?? ""));
  const main = said ?? best(starts) ?? (ends[0] as TableColumn);
  const needsClock = main.kind === "date" && clocks.length > 0;
  const startClocks = clocks.filter((column) => timeName(column.key) !== "end");
  const clock = needsClock ? (startClocks[0] ?? clocks[0] ?? null) : null;
  const endClock = needsClock ? (clocks.find((column) => timeName(column.key) === "end") ?? null) : null;
  const isEnd = !starts.includes(main) || (clock !== null && clock === endClock);
  return {
    main,
    clock,
    zone: table.columns.find(({ kind, index }) => kind === "zone" && index > main.index) ?? null,
    end: isEnd ? null : endOf({ main, ends, endClock }),
    means: isEnd ? "end" : starts.includes(main) && isStart(main, clock) ? "start" : null,
  };
}

function dutyOf({ columns = {} }: Hints) {
  return ({ index, key }: TableColumn) => (columns[key] ?? columns[`#${index + 1}`])?.is;
}

function isTimeColumn({ kind }: TableColumn, duty: string | undefined): boolean {
  if (duty !== undefined) return duty === "time" || duty === "date" || duty === "end";
  return kind === "dateTime" || kind === "date";
}

/** A column named as a beginning, else as a time, else the first; one with a time of day before one with dates alone. */
function best(columns: readonly TableColumn[]): TableColumn | undefined {
  const rank = ({ kind, key }: TableColumn) =>
    (kind === "dateTime" ? 0 : 10) + (timeName(key) === "start" ? 0 : timeName(key) === "time" ? 1 : 2);
  return [...columns].sort((one, other) => rank(one) - rank(other) || one.index - other.index)[0];
}

function isStart(main: TableColumn, clock: TableColumn | null): boolean {
  return timeName((clock ?? main).key) === "start" || timeName(main.key) === "start";
}

function endOf({
  main,
  ends,
  endClock,
}: {
  main: TableColumn;
  ends: readonly TableColumn[];
  endClock: TableColumn | null;
}): TimeColumns["end"] {
  if (endClock !== null) return { main: ends[0] ?? main, clock: endClock };
  return ends[0] === undefined || ends[0].kind !== "dateTime" ? null : { main: ends[0], clock: null };
}

function namesOf({ columns }: Table): string {
  return columns
    .map(({ name }) => name)
    .join(", ")
    .slice(0, 200);
}

const NO_TIME = [
  { asks: "which column is the time?", answer: 'mapping: columns: { "name of the column": { is: time } }' },
];

/** Times of all rows; rows without one are refused and left out of `kept`. */
export type ReadTimes = {
  readonly times: RowTimes;
  /** Indexes of the table's rows that have a time. */
  readonly kept: Int32Array;
  readonly zone: { readonly name: string; readonly because: string } | null;
  readonly stepSeconds: number | null;
  /** Whether a time is 24:00, which only an end can be. */
  readonly hasDayEnd: boolean;
  readonly facts: readonly Fact[];
  readonly refused: readonly RefusedRow[];
};

/** Reads the times of a table's rows. */
export function readRowTimes(table: Table, columns: TimeColumns, hints: Hints): ReadTimes {
  const { main, clock } = columns;
  const dates = decideDateOrder(cellsOf(table, main.index), hints.dates);
  const order = dates?.order ?? "dayFirst";
  const zone = zoneInName(main.name) ?? zoneInName(clock?.name ?? "");
  const dateFact = { what: "dates", says: order === "dayFirst" ? "day first" : "month first" };
  const clockAt = (clock ?? main).index;
  return {
    ...readAll(table, columns, order),
    zone: zone === null ? null : { name: zone, because: `the column "${main.name}" says so` },
    stepSeconds: stepOf(table, columns, order),
    hasDayEnd: table.rows.some(
      (row) => row[clockAt]?.includes("24:00") && /(^|[T\s])24:00/.test(row[clockAt]),
    ),
    facts: dates === null ? [] : [{ ...dateFact, because: dates.because }],
  };
}

function readAll(
  { rows, lines }: Table,
  columns: TimeColumns,
  order: DateOrder,
): Pick<ReadTimes, "times" | "kept" | "refused"> {
  const seconds = new Float64Array(rows.length);
  const isLocal = new Uint8Array(rows.length);
  const keptLines = new Float64Array(rows.length);
  const kept = new Int32Array(rows.length);
  const refused: RefusedRow[] = [];
  let count = 0;
  rows.forEach((row, at) => {
    const time = readRow(row, columns, order);
    if (time === null) {
      refused.push({ line: lines[at] as number, reason: noTimeIn(row, columns) });
      return;
    }
    seconds[count] = time.seconds;
    isLocal[count] = time.kind === "local" ? 1 : 0;
    keptLines[count] = lines[at] as number;
    kept[count] = at;
    count += 1;
  });
  return {
    times: {
      seconds: seconds.subarray(0, count),
      isLocal: isLocal.subarray(0, count),
      lines: keptLines.subarray(0, count),
    },
    kept: kept.subarray(0, count),
    refused,
  };
}

function noTimeIn(row: readonly string[], { main, clock }: TimeColumns): string {
  const cells = [main, clock].flatMap((column) => (column === null ? [] : [row[column.index] ?? ""]));
  return `column ${main.name || "(first)"}: "${cells.join(" ")}" is no time`;
}

function readRow(
  row: readonly string[],
  { main, clock, zone }: TimeColumns,
  order: DateOrder,
): WrittenTime | null {
  const time = readTime(row[main.index] ?? "", order);
  if (time === null || (clock === null && zone === null)) return time;
  const ofDay = clock === null ? 0 : readClock((row[clock.index] ?? "").replace(/\s+(-|–|bis|to)\s+.*$/, ""));
  if (ofDay === null) return null;
  const seconds = time.seconds + ofDay;
  const offset = zone === null ? null : readOffset(row[zone.index] ?? "");
  return offset === null || time.kind === "instant"
    ? { ...time, seconds }
    : { kind: "instant", seconds: seconds - offset };
}

/** What an interval lasts by its two ends; 00:14 after 00:00 is the last minute of a quarter-hour. */
function stepOf({ rows }: Table, { main, clock, end }: TimeColumns, order: DateOrder): number | null {
  if (end === null) return null;
  const counts = new Map<number, number>();
  for (const row of rows.slice(0, 50)) {
    const from = readRow(row, { main, clock, zone: null, end: null, means: null }, order);
    const until = readRow(
      row,
      { main: end.main, clock: end.clock, zone: null, end: null, means: null },
      order,
    );
    if (from === null || until === null) continue;
    const between = (until.seconds - from.seconds + 86_400) % 86_400;
    const length = between % 300 === 240 ? between + 60 : between % 60 === 59 ? between + 1 : between;
    if (length > 0) counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  const [most] = [...counts].sort((one, other) => other[1] - one[1]);
  return most?.[0] ?? null;
}

function* cellsOf({ rows }: Table, index: number): Iterable<string> {
  for (const row of rows) yield row[index] ?? "";
}
