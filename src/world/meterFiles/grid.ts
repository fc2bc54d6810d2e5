import type { RowTimes } from "./placeTimes.ts";
import { FileRefusedError, refuseWith } from "./question.ts";
import type { RefusedRow } from "./recording.ts";

const SECONDS_PER_DAY = 86_400;
const SECONDS_PER_HOUR = 3_600;

/** Steps of one recording: ten years of minutes. A file with two stray times decades apart would else fill the memory. */
const MAX_STEPS = 5_300_000;

/** How far a row may lie off the file's rhythm: a tenth of a step, and at most a minute. */
const OFF_SHARE = 0.1;
const MAX_OFF_SECONDS = 60;

/** Share of rows off the rhythm from which on there is none. */
const IRREGULAR_SHARE = 0.2;

/** A share of rows with a second, other value from which on several series stand in one file. */
const DOUBLE_SHARE = 0.1;

export type Rhythm = { readonly startsAt: number; readonly stepSeconds: number; readonly length: number };

/**
 * The rhythm of some instants: the most common distance between neighbours, in the phase that most of them share.
 *
 * @param said the step, when the file or a hint says it
 * @throws FileRefusedError when there are not two different times, or their span is too long
 */
export function findRhythm(
  instants: readonly Float64Array[],
  said: number | null,
  why: () => string,
): Rhythm {
  const sorted = sortAll(instants);
  const stepSeconds = said ?? mostCommonStep(sorted);
  if (sorted.length === 0 || stepSeconds === null)
    throw new FileRefusedError(`fewer than two different times can be read${why()}`);
  if (stepSeconds > SECONDS_PER_DAY)
    throw new FileRefusedError(
      `its rows are ${round(stepSeconds / SECONDS_PER_DAY)} days apart: no intervals of a day or less`,
    );
  if (said === null) refuseSecondRhythm(sorted, stepSeconds);
  const phase = phaseOf(sorted, stepSeconds);
  const startsAt = phase + Math.round(((sorted[0] as number) - phase) / stepSeconds) * stepSeconds;
  const length = Math.round(((sorted.at(-1) as number) - startsAt) / stepSeconds) + 1;
  if (length > MAX_STEPS)
    throw new FileRefusedError(`its times span ${length} steps of ${stepSeconds} s, above ${MAX_STEPS}`);
  return { startsAt, stepSeconds, length };
}

function sortAll(instants: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(instants.reduce((sum, { length }) => sum + length, 0));
  let count = 0;
  let isSorted = true;
  for (const times of instants)
    for (const time of times) {
      if (Number.isNaN(time)) continue;
      if (count > 0 && time < (all[count - 1] as number)) isSorted = false;
      all[count] = time;
      count += 1;
    }
  const known = all.subarray(0, count);
  return isSorted ? known : known.sort();
}

/** Equal distances in a row that are a rhythm of their own, and no gaps. */
const RHYTHM_ROWS = 12;

/** A file that goes from hours to quarter-hours: the energy of its hours would fill a quarter each. */
function refuseSecondRhythm(sorted: Float64Array, stepSeconds: number): void {
  let [run, before] = [0, Number.NaN];
  for (let at = 1; at < sorted.length; at += 1) {
    const distance = (sorted[at] as number) - (sorted[at - 1] as number);
    run = distance === before ? run + 1 : 1;
    before = distance;
    if (run >= RHYTHM_ROWS && distance > 0 && distance % stepSeconds === 0 && distance > stepSeconds)
      throw refuseWith(twoRhythms(stepSeconds, distance));
  }
}

function twoRhythms(stepSeconds: number, other: number) {
  return {
    asks: `its rows stand every ${stepSeconds / 60} min, and elsewhere every ${other / 60} min: which interval are they?`,
    answer: "one file for each of the two; or mapping: intervalMinutes: where the others are gaps",
  };
}

/** The phase that most times share; none where they do not. */
function phaseOf(sorted: Float64Array, stepSeconds: number): number {
  const phases = sorted.map((time) => modulo(time, stepSeconds));
  const phase = mostCommon(phases) ?? 0;
  const sharing = phases.reduce((count, other) => count + (other === phase ? 1 : 0), 0);
  return 2 * sharing >= phases.length ? phase : 0;
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

/** Steps that meters and utilities use, s. */
const USUAL_STEPS = [60, 300, 600, 900, 1_800, 3_600];

/** Times of a logger that is late now and then have no common distance: the middle one then, if it is nearly a usual one. */
function mostCommonStep(sorted: Float64Array): number | null {
  const all = new Float64Array(Math.max(0, sorted.length - 1));
  for (let at = 0; at < all.length; at += 1) all[at] = (sorted[at + 1] as number) - (sorted[at] as number);
  const steps = all.filter((step) => step > 0);
  const common = mostCommon(steps);
  if (common === null || USUAL_STEPS.includes(common)) return common;
  const middle = steps.sort()[Math.floor(steps.length / 2)] as number;
  return USUAL_STEPS.find((step) => Math.abs(step - middle) <= OFF_SHARE * step) ?? common;
}

/** The most common of some numbers; of equally common ones the smallest. */
function mostCommon(numbers: Float64Array): number | null {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  let best: number | null = null;
  for (const [number, count] of counts) {
    const bestCount = best === null ? 0 : (counts.get(best) ?? 0);
    if (count > bestCount || (count === bestCount && best !== null && number < best)) best = number;
  }
  return best;
}

/** What became of rows that met one another. */
export type Slots = {
  /** The row of each slot, -1 for none. */
  readonly rowOf: Int32Array;
  readonly doubles: number;
  /** Rows that were moved onto the rhythm, and by how much at most. */
  readonly moved: number;
  readonly movedSeconds: number;
};

/**
 * Puts rows on a rhythm. Rows exactly on it come first; one that is off by a tenth of a step or less takes a free slot; the
 * others are refused. Of two rows alike one stands; of two with different values neither does.
 *
 * @param isSame whether two rows have the same values
 * @throws FileRefusedError when too many rows are off the rhythm, or too many meet
 */
export function fillSlots(
  instants: Float64Array,
  {
    times,
    rhythm,
    isSame,
    refused,
  }: {
    times: RowTimes;
    rhythm: Rhythm;
    isSame: (one: number, other: number) => boolean;
    refused: RefusedRow[];
  },
): Slots {
  const { startsAt, stepSeconds, length } = rhythm;
  const rowOf = new Int32Array(length).fill(-1);
  const refuse = (row: number, reason: string) => refused.push({ line: times.lines[row] as number, reason });
  const late: number[] = [];
  const clashing = new Set<number>();
  let doubles = 0;
  for (let row = 0; row < instants.length; row += 1) {
    const place = ((instants[row] as number) - startsAt) / stepSeconds;
    if (Number.isNaN(place)) continue;
    if (place !== Math.floor(place) || place < 0) late.push(row);
    else if (rowOf[place] === -1) rowOf[place] = row;
    else {
      doubles += 1;
      if (!isSame(rowOf[place] as number, row)) {
        clashing.add(place);
        refuse(
          row,
          `line ${times.lines[rowOf[place] as number]} has another value for its interval; neither is taken`,
        );
      } else refuse(row, "its interval has this value already");
    }
  }
  if (clashing.size > DOUBLE_SHARE * instants.length) throw refuseWith(severalSeries(clashing.size));
  const { moved, movedSeconds, off } = placeLate(late, { instants, rhythm, rowOf, refuse });
  if (off > IRREGULAR_SHARE * instants.length)
    throw refuseWith(irregular(late, { instants, times, rhythm, off }));
  for (const place of clashing) rowOf[place] = -1;
  return { rowOf, doubles, moved, movedSeconds };
}

function placeLate(
  late: readonly number[],
  {
    instants,
    rhythm,
    rowOf,
    refuse,
  }: {
    instants: Float64Array;
    rhythm: Rhythm;
    rowOf: Int32Array;
    refuse: (row: number, reason: string) => void;
  },
): { moved: number; movedSeconds: number; off: number } {
  const { startsAt, stepSeconds } = rhythm;
  const tolerance = Math.min(MAX_OFF_SECONDS, OFF_SHARE * stepSeconds);
  let [moved, movedSeconds, off] = [0, 0, 0];
  for (const row of late) {
    const place = Math.round(((instants[row] as number) - startsAt) / stepSeconds);
    const offSeconds = Math.abs((instants[row] as number) - startsAt - place * stepSeconds);
    if (offSeconds > tolerance || place < 0) {
      off += 1;
      refuse(row, `its time is ${offSeconds} s off the file's rhythm of ${stepSeconds} s`);
    } else if (rowOf[place] !== -1)
      refuse(row, `its time is ${offSeconds} s off, and a row stands at the time itself`);
    else {
      rowOf[place] = row;
      moved += 1;
      movedSeconds = Math.max(movedSeconds, offSeconds);
    }
  }
  return { moved, movedSeconds, off };
}

function severalSeries(rows: number) {
  return {
    asks: `${rows} rows have another value for an interval that has one: do several meters stand in this file?`,
    answer: 'mapping: columns: { "name of the column": { is: meter } }, or one file for each',
  };
}

function irregular(
  late: readonly number[],
  { instants, times, rhythm, off }: { instants: Float64Array; times: RowTimes; rhythm: Rhythm; off: number },
) {
  const { startsAt, stepSeconds } = rhythm;
  const offBy = (row: number) => modulo((instants[row] as number) - startsAt, stepSeconds);
  const isHour = (row: number) => [SECONDS_PER_HOUR, stepSeconds - SECONDS_PER_HOUR].includes(offBy(row));
  if (stepSeconds === SECONDS_PER_DAY && late.length > 0 && late.every(isHour)) {
    const line = times.lines[late[0] as number] as number;
    return {
      asks: `it has a row a day, and the clock changes in it: from line ${line} on days begin an hour earlier or later, and a day of 23 or 25 h is no interval of 24`,
      answer: "one file up to the clock change and one from it on, or a file with an hour or less a row",
    };
  }
  return {
    asks: `${off} of ${instants.length} rows are off a rhythm of ${stepSeconds} s: what interval are they?`,
    answer: "mapping: intervalMinutes: 15",
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
