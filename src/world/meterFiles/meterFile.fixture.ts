import type { Hints } from "./hints.ts";
import { homeEnergy, slotEnergy } from "./homeEnergy.ts";
import { readMeterFile } from "./readMeterFile.ts";
import type { Recording } from "./recording.ts";

/** The zone of the tests' files. */
export const BERLIN: Hints = { zone: "Europe/Berlin" };

/** Reads a text as a file that must be understood; its meters. */
export function understood(text: string, hints: Hints = BERLIN, file = "home.csv"): readonly Recording[] {
  const read = readMeterFile({ file, text }, hints);
  if (read.status === "refused") throw new Error(`refused: ${read.reason}`);
  return read.recordings;
}

/** Reads a text as a file that must be refused; its reason and the answers that would settle it. */
export function refusal(text: string, hints: Hints = BERLIN): { reason: string; answers: string } {
  const read = readMeterFile({ file: "home.csv", text }, hints);
  if (read.status === "read") throw new Error("it was read");
  return { reason: read.reason, answers: read.questions.map(({ answer }) => answer).join("\n") };
}

/** Energy that a recording takes and feeds in, Wh, gaps as nothing; within some instants when they are given. */
export function totals(
  recording: Recording | undefined,
  { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = {},
): { takenWh: number; fedInWh: number } {
  if (recording === undefined) throw new Error("there is no recording");
  const { taken, fedIn } = homeEnergy(recording);
  const { startsAt, stepSeconds, length } = recording;
  let [takenWh, fedInWh] = [0, 0];
  for (let slot = 0; slot < length; slot += 1) {
    const at = startsAt + slot * stepSeconds;
    if (at < from || at >= until) continue;
    takenWh += slotEnergy(taken, slot, stepSeconds) || 0;
    fedInWh += slotEnergy(fedIn, slot, stepSeconds) || 0;
  }
  return { takenWh: round(takenWh), fedInWh: round(fedInWh) };
}

function round(value: number): number {
  return Number(value.toFixed(6));
}

/** Unix seconds of an instant. */
export function at(iso: string): number {
  return Date.parse(iso) / 1_000;
}

/** Local times of whole days, `2024-06-10 00:15`, as a clock on the wall that is never changed would show them. */
export function clockTimes(firstDay: string, days: number, stepMinutes = 15): readonly string[] {
  const first = at(`${firstDay}T00:00Z`);
  return Array.from({ length: (days * 1_440) / stepMinutes }, (_, index) =>
    new Date((first + index * stepMinutes * 60) * 1_000).toISOString().slice(0, 16).replace("T", " "),
  );
}

/** A table of rows that begin with a time. */
export function tableOf(
  header: string,
  times: readonly string[],
  cellsOf: (index: number, time: string) => string,
  separator = ",",
): string {
  return [header, ...times.map((time, index) => `${time}${separator}${cellsOf(index, time)}`), ""].join("\n");
}
