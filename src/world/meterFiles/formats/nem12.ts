import { instantTimes } from "../instants.ts";
import { FileRefusedError } from "../question.ts";
import type { Fact, RefusedRow } from "../recording.ts";
import { UNIT_OF } from "../units.ts";
import type { Written, WrittenColumn } from "../written.ts";
import type { TextFormat } from "./format.ts";

const SECONDS_PER_DAY = 86_400;
const MILLIS_PER_SECOND = 1_000;

/** Australian eastern standard time all year: the market's time in every state. */
const MARKET_OFFSET_SECONDS = 36_000;

/** A register: its values by interval, from a 200 record and the 300 and 400 records below it. */
type Register = {
  readonly nmi: string;
  readonly suffix: string;
  readonly unit: string;
  readonly stepSeconds: number;
  readonly days: { readonly startsAt: number; readonly values: Float64Array; readonly line: number }[];
};

/**
 * AEMO's Meter Data File Format, NEM12: intervals by register. E registers are taken from the grid, B registers fed in; others,
 * reactive energy and voltage, are left alone. Values of quality N are gaps; substituted and estimated ones stand and are counted.
 */
export const nem12: TextFormat = {
  kind: "text",
  name: "nem12",
  title: "NEM12 (AEMO)",
  recognises: (text) => /^\s*100,NEM12,/.test(text) || /^200,[^,]+,[^,]*,/.test(text),
  read(text, { meter }) {
    const refused: RefusedRow[] = [];
    const { registers, doubtful } = readRegisters(text, refused);
    const energy = registers.filter(({ suffix, unit }) => /^[EB]/.test(suffix) && unitOf(unit) !== null);
    const ids = [...new Set(energy.map(({ nmi }) => nmi))].filter(
      (nmi) => meter === undefined || nmi === meter,
    );
    if (ids.length === 0) throw new FileRefusedError("it has no register of energy taken (E) or fed in (B)");
    const left = registers.filter((register) => !energy.includes(register)).map(({ suffix }) => suffix);
    const facts = describe(left, doubtful);
    return ids.map((nmi) =>
      toWritten(
        nmi,
        energy.filter((register) => register.nmi === nmi),
        { refused, facts },
      ),
    );
  },
};

function readRegisters(
  text: string,
  refused: RefusedRow[],
): { registers: readonly Register[]; doubtful: number } {
  const registers: Register[] = [];
  let doubtful = 0;
  text.split(/\r\n|\n|\r/).forEach((line, at) => {
    const cells = line.split(",").map((cell) => cell.trim());
    const register = registers.at(-1);
    const refuse = (reason: string) => refused.push({ line: at + 1, reason });
    if (cells[0] === "200") registers.push(openRegister(cells));
    else if (cells[0] === "300" && register === undefined) refuse("values before any register");
    else if (cells[0] === "300" && register !== undefined)
      doubtful += readDay(cells, register, at + 1, refuse);
    else if (cells[0] === "400" && register !== undefined) doubtful += readQuality(cells, register);
  });
  return { registers, doubtful };
}

function openRegister([
  ,
  nmi = "",
  ,
  ,
  suffix = "",
  ,
  ,
  unit = "",
  minutes = "",
]: readonly string[]): Register {
  return { nmi, suffix, unit, stepSeconds: Number(minutes) * 60, days: [] };
}

/** Reads a day; returns how many of its values are not measured. */
function readDay(
  cells: readonly string[],
  register: Register,
  line: number,
  refuse: (reason: string) => void,
): number {
  const count = SECONDS_PER_DAY / register.stepSeconds;
  const startsAt = marketDay(cells[1] ?? "");
  const written = cells.slice(2, 2 + count);
  const quality = cells[2 + count] ?? "";
  if (startsAt === null || !Number.isInteger(count) || !/^[AESFNV]/.test(quality)) {
    refuse(
      `it is no day of ${register.stepSeconds / 60}-minute values: "${cells[1] ?? ""}", quality "${quality}"`,
    );
    return 0;
  }
  const values = Float64Array.from(written, (cell) =>
    cell === "" || quality.startsWith("N") ? Number.NaN : Number(cell),
  );
  register.days.push({ startsAt, values, line });
  return /^[ESF]/.test(quality) ? count : 0;
}

function marketDay(written: string): number | null {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(written);
  if (match === null) return null;
  const day = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / MILLIS_PER_SECOND;
  return day - MARKET_OFFSET_SECONDS;
}

/** A 400 record gives the quality of some intervals of the day above it. */
function readQuality([, from = "", until = "", quality = ""]: readonly string[], { days }: Register): number {
  const values = days.at(-1)?.values;
  const [first, last] = [Number(from) - 1, Number(until)];
  if (values === undefined || !(last > first && first >= 0)) return 0;
  if (quality.startsWith("N")) values.fill(Number.NaN, first, last);
  return /^[ESF]/.test(quality) ? last - first : 0;
}

function unitOf(unit: string): { readonly unit: string; readonly factor: number } | null {
  const found = Object.values(UNIT_OF).find((known) => known.unit.toLowerCase() === unit.toLowerCase());
  return found?.quantity === "energy" ? found : null;
}

function describe(left: readonly string[], doubtful: number): readonly Fact[] {
  const names = [...new Set(left)].join(", ");
  return [
    { what: "time zone", says: "UTC+10 all year", because: "the market's time, by the format" },
    ...(names === "" ? [] : [{ what: "left alone", says: names, because: "no energy taken or fed in" }]),
    ...(doubtful === 0
      ? []
      : [
          {
            what: "quality",
            says: `${doubtful} values substituted or estimated`,
            because: "their quality flag",
          },
        ]),
  ];
}

function toWritten(
  nmi: string,
  registers: readonly Register[],
  { refused, facts }: { refused: readonly RefusedRow[]; facts: readonly Fact[] },
): Written {
  const steps = new Set(registers.map(({ stepSeconds }) => stepSeconds));
  if (steps.size > 1)
    throw new FileRefusedError(
      `meter ${nmi} has registers of ${[...steps].map((step) => step / 60).join(" and ")} min`,
    );
  const columns = registers.filter(({ days }) => days.length > 0).map(toColumn);
  return {
    meter: nmi,
    columns,
    zone: null,
    times: "start",
    stepSeconds: registers[0]?.stepSeconds ?? null,
    rows: registers.reduce((sum, { days }) => sum + days.length, 0),
    refused,
    facts: [
      ...facts,
      ...columns.map(({ name, role, unit }) => ({
        what: name,
        says: `${role}, ${unit}, energy`,
        because: "its suffix",
      })),
    ],
    warnings: [],
  };
}

function toColumn({ suffix, unit, stepSeconds, days }: Register): WrittenColumn {
  const factor = unitOf(unit)?.factor ?? 1;
  const all = days.flatMap(({ startsAt, values, line }) =>
    Array.from(values, (value, at) => ({ at: startsAt + at * stepSeconds, value: value * factor, line })),
  );
  return {
    name: suffix,
    role: suffix.startsWith("B") ? "export" : "import",
    quantity: "energy",
    unit,
    isRegister: false,
    values: Float64Array.from(all, ({ value }) => value),
    times: instantTimes(
      Float64Array.from(all, ({ at }) => at),
      all.map(({ line }) => line),
    ),
  };
}
