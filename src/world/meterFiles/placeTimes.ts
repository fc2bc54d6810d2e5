import type { LocalClock } from "#kernel/units/localClock.ts";
import { refuseWith } from "./question.ts";
import type { Fact } from "./recording.ts";

const SECONDS_PER_HOUR = 3_600;

/** Times of rows in the file's order: seconds, and whether they are local and still to be placed. */
export type RowTimes = {
  readonly seconds: Float64Array;
  readonly isLocal: Uint8Array;
  readonly lines: ArrayLike<number>;
};

type Placing = {
  readonly clock: LocalClock;
  readonly skippedHour: "placeholder" | "standardTime" | undefined;
  /** Whether every value of a row is zero or missing. */
  readonly isBlank: (row: number) => boolean;
};

/** Instants of rows, NaN for those that stand for no time, and what was understood on the way. */
export type Placed = { readonly instants: Float64Array; readonly facts: readonly Fact[] };

/**
 * Places the local times of a file on the time line (docs/import.md, "Times").
 *
 * Of two rows of the hour that autumn repeats, the earlier in time is the earlier instant: the first of a file that runs
 * forward, the last of one that begins with its newest row. Rows in the hour that spring skips are placeholders when they
 * are blank and their neighbours are not; else the file is in standard time throughout.
 *
 * @throws FileRefusedError when blank rows of the skipped hour could be either
 */
export function placeTimes(times: RowTimes, { clock, skippedHour, isBlank }: Placing): Placed {
  const skipped = skippedRows(times, clock);
  if (skipped.length === 0) return placeLocal(times, clock, []);
  const isPlaceholder = (skippedHour ?? decideSkipped(times, skipped, isBlank)) === "placeholder";
  if (!isPlaceholder) return placeStandard(times, clock, skipped);
  const fact = {
    what: "skipped hour",
    says: `${skipped.length} rows of the hour that spring skips are placeholders and are left out`,
    because: skippedHour === undefined ? "they are blank, and the rows around them are not" : "it was said",
  };
  const placed = placeLocal(times, clock, [fact]);
  for (const row of skipped) placed.instants[row] = Number.NaN;
  return placed;
}

function skippedRows({ seconds, isLocal }: RowTimes, clock: LocalClock): readonly number[] {
  const offsets = createOffsets(clock);
  const rows: number[] = [];
  for (let row = 0; row < seconds.length; row += 1) {
    if (isLocal[row] === 1 && offsets.of(seconds[row] as number) === SKIPPED) rows.push(row);
  }
  return rows;
}

function decideSkipped(
  times: RowTimes,
  skipped: readonly number[],
  isBlank: (row: number) => boolean,
): "placeholder" | "standardTime" {
  if (!skipped.every(isBlank)) return "standardTime";
  const isSkipped = new Set(skipped);
  const around = [...times.seconds.keys()].filter((row) => {
    const isNear = skipped.some(
      (other) =>
        Math.abs((times.seconds[row] as number) - (times.seconds[other] as number)) <= 2 * SECONDS_PER_HOUR,
    );
    return isNear && !isSkipped.has(row);
  });
  if (around.some((row) => !isBlank(row))) return "placeholder";
  throw refuseWith({
    asks: `line ${times.lines[skipped[0] as number]}: its rows of the hour that spring skips are blank, and so are those around them: placeholders, or standard time all year?`,
    answer: "mapping: skippedHour: placeholder or skippedHour: standardTime",
  });
}

function placeStandard(times: RowTimes, clock: LocalClock, skipped: readonly number[]): Placed {
  const instants = times.seconds.map((seconds, row) =>
    times.isLocal[row] === 1 ? seconds - clock.standardOffsetAt(seconds) : seconds,
  );
  const line = times.lines[skipped[0] as number];
  const because = `line ${line} has a time of the hour that spring skips`;
  return { instants, facts: [{ what: "daylight saving", says: "standard time all year", because }] };
}

function placeLocal(times: RowTimes, clock: LocalClock, facts: readonly Fact[]): Placed {
  const { seconds, isLocal } = times;
  const offsets = createOffsets(clock);
  const instants = new Float64Array(seconds.length);
  const seen = new Set<number>();
  const isBackward = runsBackward(seconds);
  for (let step = 0; step < seconds.length; step += 1) {
    const row = isBackward ? seconds.length - 1 - step : step;
    const written = seconds[row] as number;
    if (isLocal[row] === 0) {
      instants[row] = written;
      continue;
    }
    const offset = offsets.of(written);
    instants[row] = offset === REPEATED ? repeated(written, clock, seen) : written - offset;
  }
  const newest = { what: "order", says: "newest row first", because: "its times fall" };
  return { instants, facts: isBackward ? [...facts, newest] : facts };
}

function repeated(written: number, clock: LocalClock, seen: Set<number>): number {
  const [earlier, later] = clock.instantsOf(written);
  const isAgain = seen.has(written);
  seen.add(written);
  return (isAgain ? later : earlier) as number;
}

/** Whether most steps from row to row go back in time. */
export function runsBackward(seconds: Float64Array): boolean {
  let balance = 0;
  for (let row = 1; row < seconds.length; row += 1)
    balance += Math.sign((seconds[row] as number) - (seconds[row - 1] as number));
  return balance < 0;
}

const SKIPPED = Number.POSITIVE_INFINITY;
const REPEATED = Number.NEGATIVE_INFINITY;
const SECONDS_PER_DAY = 86_400;

/** Offsets of local times. A day whose neighbours have one offset has no other; only the rest is asked by the time. */
function createOffsets(clock: LocalClock): { of(localSeconds: number): number } {
  let knownDay = Number.NaN;
  let ofDay: number | null = null;
  return {
    of(localSeconds) {
      const day = Math.floor(localSeconds / SECONDS_PER_DAY);
      if (day !== knownDay) {
        knownDay = day;
        const before = clock.offsetAt((day - 1) * SECONDS_PER_DAY);
        ofDay = before === clock.offsetAt((day + 2) * SECONDS_PER_DAY) ? before : null;
      }
      return ofDay ?? offsetOf(localSeconds, clock);
    },
  };
}

function offsetOf(localSeconds: number, clock: LocalClock): number {
  const instants = clock.instantsOf(localSeconds);
  const [only] = instants;
  if (only === undefined) return SKIPPED;
  return instants.length > 1 ? REPEATED : localSeconds - only;
}
