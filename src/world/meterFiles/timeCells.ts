import { refuseWith } from "./question.ts";

const SECONDS_PER_DAY = 86_400;
const MILLIS_PER_SECOND = 1_000;

/** A time cell as read: an instant, or a local time (seconds as if it were UTC) that the file's zone has still to place. */
export type WrittenTime = { readonly kind: "instant" | "local"; readonly seconds: number };

export type DateOrder = "dayFirst" | "monthFirst";

/** Digits of unix times: nine or ten are seconds, then milli-, micro- and nanoseconds. */
const UNIX_TIME = /^\d{9,10}(\.\d+)?$|^\d{12,13}(\.\d+)?$|^\d{16}$|^\d{19}$/;
const PACKED_TIME = /^((?:19|20)\d{2})(\d{2})(\d{2})(?:[ T]?(\d{2}):?(\d{2})(?::?(\d{2}))?)?$/;
/** Days since 30 December 1899 in the years 1970 to 2100: how workbooks count. */
const SERIAL = /^(\d{5})(?:[.,](\d+))?$/;
const [FIRST_SERIAL, LAST_SERIAL, SERIAL_OF_1970] = [25_569, 73_415, 25_569];

const ZONE_TAIL = /\s*(Z|UTC|GMT|CEST|CET|MESZ|MEZ|[+-]\d{2}:?\d{2}|[+-]\d{2})$/i;
const RANGE_TAIL = /\s+(?:-|–|to|bis)\s+\S.*$/;
const ZONE_HOURS: Readonly<Record<string, number>> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  CET: 1,
  MEZ: 1,
  CEST: 2,
  MESZ: 2,
};
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const GERMAN_MONTHS: Readonly<Record<string, number>> = { mär: 3, mrz: 3, mai: 5, okt: 10, dez: 12 };

/**
 * Reads a cell of time: ISO 8601 with `T` or a space, with or without an offset; day, month and year by points, slashes or
 * words; 12-hour clocks; `24:00`; unix seconds and their thousandths; a workbook's serial days; digits without signs. Of
 * `00:00 - 01:00` it is the beginning. Null for anything else.
 */
export function readTime(cell: string, order: DateOrder): WrittenTime | null {
  return readIso(cell) ?? readDigits(cell) ?? readWords(cell, order);
}

/** The commonest form, without an offset, by its characters: a year of minutes is half a million of them. */
function readIso(cell: string): WrittenTime | null {
  const { length } = cell;
  if (length !== 16 && length !== 19) return null;
  if (cell.charCodeAt(4) !== 45 || cell.charCodeAt(7) !== 45 || cell.charCodeAt(13) !== 58) return null;
  const separator = cell.charCodeAt(10);
  if (separator !== 32 && separator !== 84) return null;
  if (length === 19 && cell.charCodeAt(16) !== 58) return null;
  const second = length === 19 ? digits(cell, 17, 2) : 0;
  const day = dayNumber(digits(cell, 0, 4), digits(cell, 5, 2), digits(cell, 8, 2));
  const clock = clockSeconds(digits(cell, 11, 2), digits(cell, 14, 2), second);
  return day === null || clock === null ? null : { kind: "local", seconds: day * SECONDS_PER_DAY + clock };
}

function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let index = from; index < from + count; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function readDigits(cell: string): WrittenTime | null {
  const first = cell.charCodeAt(0);
  if (first < 48 || first > 57) return null;
  const serial = SERIAL.exec(cell);
  if (serial !== null) return readSerial(Number(`${serial[1]}.${serial[2] ?? "0"}`));
  const packed = PACKED_TIME.exec(cell);
  const read = packed === null ? null : fromParts(packed.slice(1).map((part) => Number(part ?? 0)));
  if (read !== null) return read;
  if (!UNIX_TIME.test(cell)) return null;
  const size = cell.split(".")[0]?.length ?? 0;
  const thousands = Math.max(0, Math.ceil((size - 10) / 3));
  return { kind: "instant", seconds: Math.round(Number(cell) / MILLIS_PER_SECOND ** thousands) };
}

function readSerial(days: number): WrittenTime | null {
  if (days < FIRST_SERIAL || days > LAST_SERIAL) return null;
  return { kind: "local", seconds: Math.round((days - SERIAL_OF_1970) * SECONDS_PER_DAY) };
}

function fromParts(parts: readonly number[]): WrittenTime | null {
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0, second = 0] = parts;
  const day = dayNumber(year, month, date);
  const clock = clockSeconds(hour, minute, second);
  return day === null || clock === null ? null : { kind: "local", seconds: day * SECONDS_PER_DAY + clock };
}

function readWords(cell: string, order: DateOrder): WrittenTime | null {
  const start = cell.replace(RANGE_TAIL, "");
  const date = splitDate(start);
  if (date === null) return null;
  const zone = date.rest === "" ? null : ZONE_TAIL.exec(date.rest);
  const rest = zone === null ? date.rest : date.rest.slice(0, zone.index);
  const day = dayOf(date.parts, order);
  const clock = rest.trim() === "" ? 0 : readClock(rest);
  if (day === null || clock === null) return null;
  const seconds = day * SECONDS_PER_DAY + clock;
  if (zone === null) return { kind: "local", seconds };
  return { kind: "instant", seconds: seconds - zoneSeconds(zone[1] as string) };
}

const YEAR_FIRST = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?=$|[T\s,])/;
const YEAR_LAST = /^(?:[A-Za-zäöü]{2,3}[.,]?\s+)?(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?=$|[T\s,])/;
const DAY_WORD = /^(\d{1,2})[-\s./]+([A-Za-zä]{3,9})\.?[-\s./,]+(\d{4}|\d{2})(?=$|[T\s,])/;
const WORD_DAY = /^([A-Za-zä]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?=$|[T\s,])/;

/** Year, month and day, or two numbers whose order is still open; points mean the day first. */
type DateParts =
  | { readonly kind: "known"; readonly parts: readonly [number, number, number] }
  | { readonly kind: "open"; readonly first: number; readonly second: number; readonly year: number };

function splitDate(text: string): { parts: DateParts; rest: string } | null {
  const known = (match: RegExpExecArray, parts: [number, number, number]) => ({
    parts: { kind: "known", parts } as const,
    rest: text.slice(match[0].length).replace(/^[T,\s]+/, ""),
  });
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null)
    return known(yearFirst, [Number(yearFirst[1]), Number(yearFirst[2]), Number(yearFirst[3])]);
  const yearLast = YEAR_LAST.exec(text);
  if (yearLast !== null) {
    const [, first, sign, second, year] = yearLast;
    const numbers = { first: Number(first), second: Number(second), year: fullYear(Number(year)) };
    if (sign === ".") return known(yearLast, [numbers.year, numbers.second, numbers.first]);
    return {
      parts: { kind: "open", ...numbers },
      rest: text.slice(yearLast[0].length).replace(/^[T,\s]+/, ""),
    };
  }
  const dayWord = DAY_WORD.exec(text);
  if (dayWord !== null)
    return known(dayWord, [fullYear(Number(dayWord[3])), monthOf(dayWord[2] as string), Number(dayWord[1])]);
  const wordDay = WORD_DAY.exec(text);
  if (wordDay === null) return null;
  return known(wordDay, [Number(wordDay[3]), monthOf(wordDay[1] as string), Number(wordDay[2])]);
}

function dayOf(date: DateParts, order: DateOrder): number | null {
  if (date.kind === "known") return dayNumber(...date.parts);
  const { first, second, year } = date;
  return order === "dayFirst" ? dayNumber(year, second, first) : dayNumber(year, first, second);
}

function monthOf(word: string): number {
  const start = word.slice(0, 3).toLowerCase();
  return GERMAN_MONTHS[start] ?? MONTHS.indexOf(start) + 1;
}

function fullYear(year: number): number {
  return year < 100 ? 2_000 + year : year;
}

const CLOCK = /^(\d{1,2})(?:[:.](\d{2}))?(?:[:.](\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?\s*(m)?\.?$/i;

/** Seconds of a clock such as `9:05`, `09:05:00`, `9:05 PM`, `24:00`; null where it is none. A lone number is no clock. */
export function readClock(text: string): number | null {
  const match = CLOCK.exec(text.trim());
  if (match === null) return null;
  const [, hour, minute, second, half, m] = match;
  if (minute === undefined && (half === undefined || m === undefined)) return null;
  const written = Number(hour);
  if (half === undefined) return clockSeconds(written, Number(minute), Number(second ?? 0));
  if (written < 1 || written > 12) return null;
  const isAfternoon = half.toLowerCase() === "p";
  return clockSeconds((written % 12) + (isAfternoon ? 12 : 0), Number(minute ?? 0), Number(second ?? 0));
}

function clockSeconds(hour: number, minute: number, second: number): number | null {
  const isDay = hour < 24 || (hour === 24 && minute === 0 && second === 0);
  return isDay && minute < 60 && second < 60 ? hour * 3_600 + minute * 60 + second : null;
}

/** Seconds that a zone's name or offset is ahead of UTC; null where it is neither. */
export function readOffset(zone: string): number | null {
  return /^(Z|UTC|GMT|CEST|CET|MESZ|MEZ|[+-]\d{2}:?\d{2}|[+-]\d{2})$/i.test(zone) ? zoneSeconds(zone) : null;
}

function zoneSeconds(zone: string): number {
  const hours = ZONE_HOURS[zone.toUpperCase()];
  if (hours !== undefined) return hours * 3_600;
  const written = zone.replace(":", "");
  const size = Number(written.slice(1, 3)) * 3_600 + Number(written.slice(3, 5) || 0) * 60;
  return written.startsWith("-") ? -size : size;
}

let lastDate = Number.NaN;
let lastDay: number | null = null;

/** Days since 1970 of a date of the years 1900 to 2199; null where the calendar has none. Neighbouring rows share their date. */
function dayNumber(year: number, month: number, date: number): number | null {
  const key = year * 10_000 + month * 100 + date;
  if (key === lastDate) return lastDay;
  const isInRange = year >= 1_900 && year < 2_200 && month >= 1 && month <= 12 && date >= 1;
  const day = isInRange
    ? Date.UTC(year, month - 1, date) / (SECONDS_PER_DAY * MILLIS_PER_SECOND)
    : Number.NaN;
  const isReal = isInRange && new Date(day * SECONDS_PER_DAY * MILLIS_PER_SECOND).getUTCDate() === date;
  lastDate = key;
  lastDay = isReal ? day : null;
  return lastDay;
}

/**
 * Which of two numbers of a date is the day, by all dates of a column: a number above twelve says it; else one order must
 * make neighbouring days of the rows and the other leap by months.
 *
 * @throws FileRefusedError when both orders are possible
 */
export function decideDateOrder(
  cells: Iterable<string>,
  wanted: DateOrder | undefined,
): { readonly order: DateOrder; readonly because: string } | null {
  const open: { first: number; second: number; year: number }[] = [];
  let example = "";
  let last = "";
  for (const cell of cells) {
    if (cell === last || isYearFirst(cell)) continue;
    last = cell;
    const date = splitDate(cell)?.parts;
    if (date?.kind !== "open") continue;
    if (wanted !== undefined) return { order: wanted, because: "it was said" };
    if (date.first > 12) return { order: "dayFirst", because: `"${cell}" has no such month` };
    if (date.second > 12) return { order: "monthFirst", because: `"${cell}" has no such month` };
    example ||= cell;
    const before = open.at(-1);
    if (before?.first !== date.first || before.second !== date.second || before.year !== date.year)
      open.push(date);
  }
  if (open.length === 0) return null;
  const byOrder = ["dayFirst", "monthFirst"].filter((order) => areNeighbours(open, order as DateOrder));
  if (byOrder.length === 1 && open.length > 1)
    return { order: byOrder[0] as DateOrder, because: `only so its ${open.length} days follow one another` };
  throw refuseWith({
    asks: `is "${example}" written with the day or the month first?`,
    answer: "mapping: dates: dayFirst or dates: monthFirst",
  });
}

function isYearFirst(cell: string): boolean {
  return cell.charCodeAt(4) === 45 && cell.charCodeAt(7) === 45;
}

type OpenDate = { readonly first: number; readonly second: number; readonly year: number };

/** Whether each date is the day after, or before, the one that was written before it. */
function areNeighbours(dates: readonly OpenDate[], order: DateOrder): boolean {
  const days = dates.map((date) => dayOf({ kind: "open", ...date }, order));
  return days.every((day, index) => {
    const before = days[index - 1];
    return day !== null && (before === undefined || before === null || Math.abs(day - before) <= 1);
  });
}
