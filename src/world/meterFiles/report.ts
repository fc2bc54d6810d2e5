import { homeEnergy, slotEnergy } from "./homeEnergy.ts";
import type { MeterFile } from "./readMeterFile.ts";
import type { MeterStates, RecordedColumn, Recording } from "./recording.ts";
import { createDayOffsets, openZone } from "./zone.ts";

const MILLIS_PER_SECOND = 1_000;
const SECONDS_PER_DAY = 86_400;
const SECONDS_PER_HOUR = 3_600;
const HOURS = 24;

/** Refused rows that are written out for a file; the rest is counted. */
const MAX_WRITTEN_ROWS = 5;

/**
 * What a recording comes to.
 *
 * @property dayTakenW mean power of each hour of the local day, null where the file has none
 */
export type Summary = {
  readonly meter: string | null;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly stepSeconds: number;
  readonly intervals: number;
  readonly gaps: number;
  readonly estimated: number;
  readonly takenWh: number | null;
  readonly fedInWh: number | null;
  readonly dayTakenW: readonly (number | null)[] | null;
  readonly dayFedInW: readonly (number | null)[] | null;
  readonly prices: readonly PriceSummary[];
};

/** Prices of a column, micro per kWh. */
export type PriceSummary = {
  readonly name: string;
  readonly role: string;
  readonly least: number;
  readonly mean: number;
  readonly most: number;
};

/** Sums a recording up. */
export function summarise(recording: Recording): Summary {
  const { meter, startsAt, stepSeconds, length, columns } = recording;
  const { taken, fedIn } = homeEnergy(recording);
  const main = taken.length > 0 ? taken : fedIn.length > 0 ? fedIn : columns;
  const gaps = countSlots(length, (slot) => main.every(({ values }) => Number.isNaN(values[slot])));
  const estimated = countSlots(length, (slot) => columns.some((column) => column.estimated?.[slot] === 1));
  return {
    meter,
    startsAt,
    endsAt: startsAt + length * stepSeconds,
    stepSeconds,
    intervals: length,
    gaps,
    estimated,
    takenWh: totalOf(taken, recording),
    fedInWh: totalOf(fedIn, recording),
    dayTakenW: dayOf(taken, recording),
    dayFedInW: dayOf(fedIn, recording),
    prices: columns.filter(({ quantity }) => quantity === "price").map(pricesOf),
  };
}

function countSlots(length: number, test: (slot: number) => boolean): number {
  let count = 0;
  for (let slot = 0; slot < length; slot += 1) if (test(slot)) count += 1;
  return count;
}

function totalOf(columns: readonly RecordedColumn[], { length, stepSeconds }: Recording): number | null {
  if (columns.length === 0) return null;
  let sum = 0;
  for (let slot = 0; slot < length; slot += 1) sum += slotEnergy(columns, slot, stepSeconds) || 0;
  return sum;
}

function dayOf(columns: readonly RecordedColumn[], recording: Recording): readonly (number | null)[] | null {
  if (columns.length === 0 || recording.stepSeconds >= SECONDS_PER_DAY) return null;
  const { startsAt, stepSeconds, length } = recording;
  const offsetAt = createDayOffsets(openZone(recording.zone ?? "UTC", "").clock);
  const sums = new Float64Array(HOURS);
  const seconds = new Float64Array(HOURS);
  for (let slot = 0; slot < length; slot += 1) {
    const energy = slotEnergy(columns, slot, stepSeconds);
    if (Number.isNaN(energy)) continue;
    const instant = startsAt + slot * stepSeconds;
    const hour = Math.floor(((instant + offsetAt(instant)) % SECONDS_PER_DAY) / SECONDS_PER_HOUR);
    sums[hour] = (sums[hour] as number) + energy;
    seconds[hour] = (seconds[hour] as number) + stepSeconds;
  }
  return Array.from(sums, (sum, hour) =>
    seconds[hour] === 0 ? null : Math.round((sum * SECONDS_PER_HOUR) / (seconds[hour] as number)),
  );
}

function pricesOf({ name, role, values }: RecordedColumn): PriceSummary {
  const known = values.filter((value) => !Number.isNaN(value));
  const sum = known.reduce((total, value) => total + value, 0);
  const least = known.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  const most = known.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  return {
    name,
    role,
    least: Math.round(least),
    mean: Math.round(sum / known.length),
    most: Math.round(most),
  };
}

/** What became of a file, as lines for people. */
export function describeMeterFile(read: MeterFile): readonly string[] {
  if (read.status === "refused")
    return [
      `${read.file}: refused`,
      ...(read.questions.some(({ asks }) => asks === read.reason) ? [] : [row("reason", read.reason)]),
      ...read.questions.flatMap(({ asks, answer }) => [row("question", asks), row("answer", answer)]),
    ];
  return [
    ...read.states.flatMap((states) => describeStates(read.file, states)),
    ...read.recordings.flatMap(describeRecording),
  ];
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(15)} ${text}`;
}

function describeStates(
  file: string,
  { meter, from, until, importWh, exportWh }: MeterStates,
): readonly string[] {
  const time = [from, until].flatMap((at) => (at === null ? [] : [utc(at)])).join(" to ") || "no time";
  return [
    `${file}${meter === null ? "" : `: meter ${meter}`}`,
    row("counters", `${time}: import ${kilowattHours(importWh)} kWh, export ${kilowattHours(exportWh)} kWh`),
    row("intervals", "none: intervals need states a day or less apart"),
  ];
}

function describeRecording(recording: Recording): readonly string[] {
  const summary = summarise(recording);
  const { startsAt, endsAt, intervals, stepSeconds, gaps, estimated } = summary;
  return [
    `${recording.file}${recording.meter === null ? "" : `: meter ${recording.meter}`}`,
    ...recording.facts.map(({ what, says, because }) => row(what, `${says} (${because})`)),
    row("span", `${utc(startsAt)} to ${utc(endsAt)}, ${intervals} intervals of ${length(stepSeconds)}`),
    ...describeTotals(summary),
    ...(gaps + estimated === 0
      ? []
      : [row("gaps", `${gaps} intervals without a value, ${estimated} spread over missing states`)]),
    ...describeRefused(recording),
    ...recording.warnings.map((warning) => row("implausible", warning)),
  ];
}

function describeTotals({ takenWh, fedInWh, dayTakenW, dayFedInW, prices }: Summary): readonly string[] {
  return [
    ...(takenWh === null ? [] : [row("taken", `${kilowattHours(takenWh)} kWh`)]),
    ...(dayTakenW === null ? [] : [row("", picture(dayTakenW))]),
    ...(fedInWh === null ? [] : [row("fed in", `${kilowattHours(fedInWh)} kWh`)]),
    ...(dayFedInW === null ? [] : [row("", picture(dayFedInW))]),
    ...prices.map(({ name, least, mean, most }) =>
      row(
        "price",
        `"${name}": ${[least, mean, most].map((price) => price / 1_000_000).join(" / ")} per kWh, least / mean / most`,
      ),
    ),
  ];
}

const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** The mean day as a line of bars, an hour each, from 0 to 24, and its highest hour. */
function picture(day: readonly (number | null)[]): string {
  const most = Math.max(0, ...day.map((power) => power ?? 0));
  const bar = (power: number | null) =>
    power === null ? " " : BARS[most === 0 ? 0 : Math.min(7, Math.floor((power / most) * 8))];
  return `0 h ${day.map(bar).join("")} 24 h, highest hour ${Number((most / 1_000).toPrecision(3))} kW`;
}

function describeRefused({ refused }: Recording): readonly string[] {
  if (refused.length === 0) return [];
  const written = refused
    .slice(0, MAX_WRITTEN_ROWS)
    .map(({ line, reason }) => row("", `line ${line}: ${reason}`));
  const left = refused.length - written.length;
  return [
    row("refused rows", String(refused.length)),
    ...written,
    ...(left > 0 ? [row("", `and ${left} more`)] : []),
  ];
}

function kilowattHours(wattHours: number): string {
  return (wattHours / 1_000).toFixed(3);
}

function length(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function utc(unixSeconds: number): string {
  return `${new Date(unixSeconds * MILLIS_PER_SECOND).toISOString().slice(0, 16)}Z`;
}
