import { fillSlots, findRhythm, type Rhythm } from "./grid.ts";
import type { ColumnHint, Hints } from "./hints.ts";
import { placeTimes, type RowTimes } from "./placeTimes.ts";
import { FileRefusedError, refuseWith } from "./question.ts";
import type { Fact, RecordedColumn, Recording, RefusedRow } from "./recording.ts";
import { findRegisters, registerEnergy } from "./registers.ts";
import { stemOf } from "./source.ts";
import { normaliseName } from "./units.ts";
import type { Written, WrittenColumn } from "./written.ts";
import { askForZone, openZone, type Zone } from "./zone.ts";

const SECONDS_PER_DAY = 86_400;
const MILLIS_PER_SECOND = 1_000;

/** What the notes of a recording are collected in. */
type Notes = { readonly refused: RefusedRow[]; readonly facts: Fact[]; readonly warnings: string[] };

/**
 * Puts what a format read on its own regular grid: times placed in their zone, doubles settled, counters turned into energy.
 *
 * @throws FileRefusedError when something is open that only somebody can say
 */
export function toRecording(file: string, written: Written, hints: Hints): Recording {
  const notes: Notes = {
    refused: [...written.refused],
    facts: [...written.facts],
    warnings: [...written.warnings],
  };
  const groups = groupByTimes(written.columns);
  const zone = zoneOf(groups, written, hints);
  if (zone !== null) notes.facts.push({ what: "time zone", says: zone.name, because: zone.because });
  else notes.facts.push({ what: "time zone", says: "each time has its offset", because: "its cells say so" });
  const placed = groups.map(({ times, columns }) => place(times, columns, { zone, hints, notes }));
  const said = hints.intervalMinutes === undefined ? written.stepSeconds : hints.intervalMinutes * 60;
  const rhythm = findRhythm(placed, said, () => exampleOf(notes.refused));
  const filled = groups.flatMap((group, at) =>
    fill(group, placed[at] as Float64Array, { rhythm, hints, notes }),
  );
  const columns = filled.map(({ column }) => column);
  const isRegisters = filled.every((each) => each.isRegister);
  if (columns.every(({ values }) => values.every(Number.isNaN)))
    throw new FileRefusedError(`no value can be read${exampleOf(notes.refused)}`);
  const endSeconds = meansEnd(written, { rhythm, zone, isRegisters, hints, notes }) ? rhythm.stepSeconds : 0;
  notes.refused.sort((one, other) => one.line - other.line);
  return trimEnds({
    file,
    stem: stemOf(file),
    meter: written.meter ?? hints.meter ?? null,
    zone: zone?.name ?? null,
    startsAt: rhythm.startsAt - endSeconds,
    stepSeconds: rhythm.stepSeconds,
    length: rhythm.length,
    columns,
    rows: written.rows,
    ...notes,
  });
}

type Group = { readonly times: RowTimes; readonly columns: readonly WrittenColumn[] };

function groupByTimes(columns: readonly WrittenColumn[]): readonly Group[] {
  const groups = new Map<RowTimes, WrittenColumn[]>();
  for (const column of columns) groups.set(column.times, [...(groups.get(column.times) ?? []), column]);
  return [...groups].map(([times, ofTimes]) => ({ times, columns: ofTimes }));
}

/** The zone of local times: what was said, else what the file says; null when every time has its offset. */
function zoneOf(groups: readonly Group[], written: Written, hints: Hints): Zone | null {
  const local = groups.flatMap(({ times }) => {
    const row = times.isLocal.indexOf(1);
    return row === -1 ? [] : [times.seconds[row] as number];
  });
  const [example] = local;
  if (example === undefined) return null;
  if (written.zone !== null) return openZone(written.zone.name, written.zone.because);
  if (hints.zone !== undefined) return openZone(hints.zone, hints.zoneBecause ?? "it was said");
  if (hints.defaultZone !== undefined) return openZone(hints.defaultZone, "it is the community's");
  return askForZone(isoLocal(example));
}

function isoLocal(seconds: number): string {
  return new Date(seconds * MILLIS_PER_SECOND).toISOString().slice(0, 16).replace("T", " ");
}

function place(
  times: RowTimes,
  columns: readonly WrittenColumn[],
  { zone, hints, notes }: { zone: Zone | null; hints: Hints; notes: Notes },
): Float64Array {
  if (zone === null) return times.seconds;
  const isBlank = (row: number) =>
    columns.every(({ values }) => !((values[row] as number) !== 0) || Number.isNaN(values[row]));
  const { instants, facts } = placeTimes(times, {
    clock: zone.clock,
    skippedHour: hints.skippedHour,
    isBlank,
  });
  notes.facts.push(...facts);
  return instants;
}

function fill(
  { times, columns }: Group,
  instants: Float64Array,
  { rhythm, hints, notes }: { rhythm: Rhythm; hints: Hints; notes: Notes },
): readonly { readonly column: RecordedColumn; readonly isRegister: boolean }[] {
  const isSame = (one: number, other: number) =>
    columns.every(({ values }) => Object.is(values[one], values[other]) || values[one] === values[other]);
  const slots = fillSlots(instants, { times, rhythm, isSame, refused: notes.refused });
  if (slots.moved > 0)
    notes.facts.push({
      what: "rhythm",
      says: `${slots.moved} rows moved by up to ${slots.movedSeconds} s`,
      because: `the others stand every ${rhythm.stepSeconds} s`,
    });
  const onRhythm = columns.map((column) => {
    const values = new Float64Array(rhythm.length).fill(Number.NaN);
    slots.rowOf.forEach((row, slot) => {
      if (row !== -1) values[slot] = column.values[row] as number;
    });
    return { ...column, values, told: hintFor(column, hints)?.values, isTariff: isTariffName(column) };
  });
  const registers = findRegisters(onRhythm);
  return onRhythm.map((column, at) => ({
    column: settleRegister(column, registers[at], notes),
    isRegister: registers[at]?.is ?? false,
  }));
}

function hintFor({ name }: WrittenColumn, { columns = {} }: Hints): ColumnHint | undefined {
  return columns[normaliseName(name)];
}

const TARIFF_NAME =
  /(^|_)(t[1-4]|ht|nt|hp|hc|tarif_?[12]|tariff_?[12]|tarief_?[12]|high|low|hoog|laag|[12]_8_[012])(_|$)/;

function isTariffName({ name }: WrittenColumn): boolean {
  return TARIFF_NAME.test(normaliseName(name));
}

function settleRegister(
  { name, role, quantity, unit, values }: WrittenColumn,
  register: { readonly is: boolean; readonly fact: Fact | null } | undefined,
  notes: Notes,
): RecordedColumn {
  if (register?.fact) notes.facts.push(register.fact);
  if (!register?.is) return { name, role, quantity, unit, values, estimated: null };
  const energy = registerEnergy(values, name);
  notes.warnings.push(...energy.notes);
  return { name, role, quantity, unit, values: energy.values, estimated: energy.estimated };
}

/** A counter has no energy after its last state: slots at the ends without any value are cut off. */
function trimEnds(recording: Recording): Recording {
  const isEmpty = (slot: number) => recording.columns.every(({ values }) => Number.isNaN(values[slot]));
  let [from, until] = [0, recording.length];
  while (from < until && isEmpty(from)) from += 1;
  while (until > from && isEmpty(until - 1)) until -= 1;
  if (until - from === recording.length) return recording;
  return {
    ...recording,
    startsAt: recording.startsAt + from * recording.stepSeconds,
    length: until - from,
    columns: recording.columns.map((column) => ({
      ...column,
      values: column.values.subarray(from, until),
      estimated: column.estimated?.subarray(from, until) ?? null,
    })),
  };
}

/**
 * Whether a time stands for the end of its interval. Where nothing says it, it stands for the start; times that begin one
 * interval after midnight and end at midnight are asked for.
 *
 * @throws FileRefusedError then
 */
function meansEnd(
  written: Written,
  {
    rhythm,
    zone,
    isRegisters,
    hints,
    notes,
  }: { rhythm: Rhythm; zone: Zone | null; isRegisters: boolean; hints: Hints; notes: Notes },
): boolean {
  const tell = (says: string, because: string) => notes.facts.push({ what: "times", says, because });
  const means = hints.times ?? written.times;
  if (means !== null) {
    tell(`${means} of the interval`, hints.times === undefined ? "the file says so" : "it was said");
    return means === "end" && !isRegisters;
  }
  if (!isRegisters && looksLikeEnds(rhythm, zone)) throw refuseWith(askForEnds(rhythm));
  tell("start of the interval", "that is the rule where nothing says otherwise");
  return false;
}

function looksLikeEnds({ startsAt, stepSeconds, length }: Rhythm, zone: Zone | null): boolean {
  const offset = zone?.clock.offsetAt(startsAt) ?? 0;
  const last = startsAt + (length - 1) * stepSeconds;
  const lastOffset = zone?.clock.offsetAt(last) ?? 0;
  const isDayLong = stepSeconds < SECONDS_PER_DAY && length > 1;
  return (
    isDayLong &&
    (startsAt + offset) % SECONDS_PER_DAY === stepSeconds &&
    (last + lastOffset) % SECONDS_PER_DAY === 0
  );
}

function askForEnds({ stepSeconds }: Rhythm) {
  return {
    asks: `its times begin ${stepSeconds / 60} min after midnight and end at midnight: are they the ends of their intervals?`,
    answer: "mapping: times: end or times: start",
  };
}

function exampleOf([first]: readonly RefusedRow[]): string {
  return first === undefined ? "" : `; line ${first.line}: ${first.reason}`;
}
