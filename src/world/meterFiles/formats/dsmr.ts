import { instantTimes } from "../instants.ts";
import { FileRefusedError } from "../question.ts";
import type { MeterStates } from "../recording.ts";
import type { Written, WrittenColumn } from "../written.ts";
import type { TextFormat } from "./format.ts";

const MILLIS_PER_SECOND = 1_000;

/** A P1 telegram: when it was sent, and what the counters of electricity said. */
export type Telegram = {
  readonly meter: string | null;
  readonly at: number | null;
  readonly importWh: number;
  readonly exportWh: number;
  readonly line: number;
  readonly hasBadChecksum: boolean;
};

/**
 * P1 telegrams of DSMR 2.2 to 5, of Belgium (eMUCS) and Luxembourg: counters of all tariffs added up, times by their letter of
 * summer or winter. One telegram is a state; several are intervals.
 */
export const dsmr: TextFormat = {
  kind: "text",
  name: "dsmr",
  title: "DSMR P1 telegrams",
  recognises: (text) => /^\s*\/[A-Za-z]{3}\d/.test(text) && /\d-\d:[12]\.8\.\d/.test(text),
  read(text) {
    const telegrams = readTelegrams(text);
    if (telegrams.length === 0)
      throw new FileRefusedError("no telegram has a counter of electricity (1.8.x, 2.8.x)");
    const meters = [...new Set(telegrams.map(({ meter }) => meter))];
    return meters.map((meter) =>
      toWritten(
        meter,
        telegrams.filter((telegram) => telegram.meter === meter),
      ),
    );
  },
};

/** The telegrams of a text that have a counter of electricity, in their order. */
export function readTelegrams(text: string): readonly Telegram[] {
  return splitTelegrams(text).flatMap(readTelegram);
}

function splitTelegrams(
  text: string,
): readonly { readonly lines: readonly string[]; readonly line: number }[] {
  const telegrams: { lines: string[]; line: number }[] = [];
  text.split(/\r\n|\n|\r/).forEach((line, at) => {
    if (line.startsWith("/")) telegrams.push({ lines: [], line: at + 1 });
    telegrams.at(-1)?.lines.push(line);
  });
  return telegrams;
}

function readTelegram({
  lines,
  line,
}: {
  readonly lines: readonly string[];
  readonly line: number;
}): readonly Telegram[] {
  const value = (code: RegExp) => lines.flatMap((each) => code.exec(each)?.[1] ?? [])[0];
  const importWh = counter(lines, "1");
  const exportWh = counter(lines, "2");
  if (importWh === null && exportWh === null) return [];
  const id = value(/^0-0:96\.1\.[01]\(([0-9A-Fa-f]+)\)/) ?? value(/^0-0:42\.0\.0\(([0-9A-Fa-f]+)\)/);
  return [
    {
      meter: id === undefined ? null : fromHex(id),
      at: timeOf(value(/^0-0:1\.0\.0\((\d{12}[SW]?)\)/)),
      importWh: importWh ?? 0,
      exportWh: exportWh ?? 0,
      line,
      hasBadChecksum: hasBadChecksum(lines),
    },
  ];
}

/** Wh of a counter: the total where there is one, else its tariffs; null where there is neither. */
function counter(lines: readonly string[], direction: "1" | "2"): number | null {
  const states = new Map<string, number>();
  const pattern = new RegExp(`^\\d-\\d:${direction}\\.8\\.(\\d)\\((\\d+(?:\\.\\d+)?)\\*(k?)Wh\\)`);
  for (const line of lines) {
    const [, tariff, state, kilo] = pattern.exec(line) ?? [];
    if (tariff !== undefined) states.set(tariff, Math.round(Number(state) * (kilo === "k" ? 1_000 : 1)));
  }
  if (states.size === 0) return null;
  return states.get("0") ?? [...states.values()].reduce((sum, state) => sum + state, 0);
}

/** Letters of a hexadecimal id; the id itself where they are none. */
function fromHex(id: string): string {
  const letters = (id.match(/../g) ?? [])
    .map((pair) => String.fromCharCode(Number.parseInt(pair, 16)))
    .join("");
  return /^[\x20-\x7e]+$/.test(letters) ? letters.trim() : id;
}

/** `180306123056W` is winter time, an hour ahead of UTC, `S` two; null for a date that does not exist. */
function timeOf(written: string | undefined): number | null {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW])$/.exec(written ?? "");
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24) return null;
  const local = Date.UTC(2_000 + year, month - 1, day, hour, minute, second) / MILLIS_PER_SECOND;
  return local - (match[7] === "S" ? 7_200 : 3_600);
}

/** Whether a telegram has a checksum, and neither line end of the world gives it. */
function hasBadChecksum(lines: readonly string[]): boolean {
  const end = lines.findIndex((line) => line.startsWith("!"));
  const written = end === -1 ? "" : (lines[end] as string).slice(1).trim();
  if (!/^[0-9A-Fa-f]{4}$/.test(written)) return false;
  const ends = ["\r\n", "\n"].map((lineEnd) => crc16(`${lines.slice(0, end).join(lineEnd)}${lineEnd}!`));
  return !ends.includes(Number.parseInt(written, 16));
}

/** CRC-16/ARC of a telegram's characters, from the slash to the exclamation mark. */
export function crc16(text: string): number {
  let crc = 0;
  for (let at = 0; at < text.length; at += 1) {
    crc ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

function toWritten(meter: string | null, telegrams: readonly Telegram[]): Written {
  const bad = telegrams.filter(({ hasBadChecksum: isBad }) => isBad).length;
  const base = {
    meter,
    columns: [],
    zone: null,
    times: null,
    stepSeconds: null,
    rows: telegrams.length,
    refused: telegrams
      .filter(({ at }) => at === null)
      .map(({ line }) => ({ line, reason: "the telegram has no time" })),
    facts: [],
    warnings: bad === 0 ? [] : [`${bad} of ${telegrams.length} telegrams do not match their checksum`],
  };
  const timed = telegrams.filter(({ at }) => at !== null);
  if (timed.length < 2) return { ...base, states: statesOf(meter, telegrams.at(-1) as Telegram) };
  const times = instantTimes(
    Float64Array.from(timed, ({ at }) => at ?? 0),
    timed.map(({ line }) => line),
  );
  const column = (
    name: string,
    role: "import" | "export",
    of: (telegram: Telegram) => number,
  ): WrittenColumn => ({
    name,
    role,
    quantity: "energy",
    unit: "kWh",
    isRegister: true,
    values: Float64Array.from(timed, of),
    times,
  });
  const columns = [
    column("1.8 counter", "import", ({ importWh }) => importWh),
    column("2.8 counter", "export", ({ exportWh }) => exportWh),
  ];
  return { ...base, columns };
}

function statesOf(meter: string | null, { at, importWh, exportWh }: Telegram): MeterStates {
  return { meter, from: null, until: at, importWh, exportWh };
}
