import { refuseWith } from "./question.ts";
import type { Fact } from "./recording.ts";
import type { WrittenColumn } from "./written.ts";

/** Values in the order of time that a register's shape is judged by: two days of hours. */
const LEAST_VALUES = 20;

/** Rises of a counter in so many values; fewer are a change of habit. */
const LEAST_RISES = 8;

/** Rises of a day's counter for each time that it starts anew. */
const RISES_A_RESTART = 12;

/** Falls of a counter that are resets; a column that falls more often is none. */
const MAX_RESETS = 3;

/** A state this many times its own growth is a counter that ran long before the file began. */
const RAN_BEFORE = 5;

/** Energy of the intervals between states of a counter, Wh; `estimated` marks what was spread over missing states. */
export type RegisterEnergy = {
  readonly values: Float64Array;
  readonly estimated: Uint8Array | null;
  readonly notes: readonly string[];
};

/** The shape of some values in the order of time. */
type Shape = {
  readonly first: number;
  readonly last: number;
  readonly falls: number;
  readonly rises: number;
  /** Falls to less than a tenth of what stood before. */
  readonly restarts: number;
  readonly known: number;
};

/** A column and its values in the order of time, with what is known of it. */
export type MaybeRegister = Pick<WrittenColumn, "name" | "quantity" | "isRegister"> & {
  readonly values: Float64Array;
  readonly told: "register" | "interval" | undefined;
  readonly isTariff: boolean;
};

/**
 * Which columns hold states of a counter: those that say it, and those that name a tariff and never fall while one of the
 * file's tariffs rises.
 *
 * @throws FileRefusedError when a name says one thing and the values another
 */
export function findRegisters(columns: readonly MaybeRegister[]): readonly {
  readonly is: boolean;
  readonly fact: Fact | null;
}[] {
  const shapes = columns.map(({ values }) => shapeOf(values));
  const tariffsRise = columns.some((column, at) => {
    const { falls, rises, known } = shapes[at] as Shape;
    return (
      column.isTariff && column.quantity === "energy" && known >= LEAST_VALUES && falls === 0 && rises > 0
    );
  });
  return columns.map((column, at) => judge(column, shapes[at] as Shape, tariffsRise));
}

function judge(
  { name, quantity, isRegister: isSaid, told, isTariff }: MaybeRegister,
  shape: Shape,
  tariffsRise: boolean,
): { readonly is: boolean; readonly fact: Fact | null } {
  const as = (because: string) => ({
    is: true,
    fact: { what: `"${name}"`, says: "states of a counter; their differences count", because },
  });
  if (quantity !== "energy" || told === "interval") return { is: false, fact: null };
  if (told === "register") return as("it was said");
  if (isSaid && shape.falls <= MAX_RESETS) return as("its name says so");
  if (isSaid) throw refuseWith(ask(name, `is named as a counter and falls ${shape.falls} times`));
  if (isTariff && tariffsRise && shape.falls === 0)
    return as("it never falls, and names a tariff of a counter");
  const isRising = shape.known >= LEAST_VALUES && shape.falls === 0 && shape.rises >= LEAST_RISES;
  const ranBefore = shape.first > RAN_BEFORE * (shape.last - shape.first);
  if (isRising && (ranBefore || shape.known >= 2 * LEAST_VALUES)) {
    const grows = `${written(shape.first)} to ${written(shape.last)} kWh`;
    throw refuseWith(ask(name, `never falls over ${shape.known} rows, from ${grows}`));
  }
  if (startsAnew(shape)) throw refuseWith(ask(name, `runs up and starts anew ${shape.restarts} times`));
  return { is: false, fact: null };
}

/** A counter of the day: it falls only to start anew, and rises many times as often. */
function startsAnew({ falls, rises, restarts }: Shape): boolean {
  return falls > 0 && falls === restarts && rises >= RISES_A_RESTART * restarts;
}

function ask(name: string, seen: string) {
  return {
    asks: `"${name}" ${seen}: states of a counter, or energy of each interval?`,
    answer: `mapping: columns: { "${name}": { values: register } } or { values: interval }`,
  };
}

function written(wattHours: number): string {
  return String(Number((wattHours / 1_000).toPrecision(9)));
}

function shapeOf(values: Float64Array): Shape {
  let [first, last, falls, rises, restarts, known] = [Number.NaN, Number.NaN, 0, 0, 0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (known === 0) first = value;
    if (value < last) falls += 1;
    if (value < last / 10) restarts += 1;
    if (value > last) rises += 1;
    last = value;
    known += 1;
  }
  return { first, last, falls, rises, restarts, known };
}

/**
 * Energy between neighbouring states. What ran over missing states is spread evenly over their intervals. A state that falls
 * to less than a tenth of the counter's range from more than nine tenths of it has rolled over; any other fall is a reset, and
 * its interval is a gap. The interval after the last state is not known.
 *
 * @param states Wh at the beginning of each interval, NaN where there is none
 */
export function registerEnergy(states: Float64Array, name: string): RegisterEnergy {
  const values = new Float64Array(states.length).fill(Number.NaN);
  const estimated = new Uint8Array(states.length);
  const notes: string[] = [];
  let before = -1;
  for (let at = 0; at < states.length; at += 1) {
    if (Number.isNaN(states[at])) continue;
    if (before >= 0) {
      const energy = between(states[before] as number, states[at] as number);
      if (energy === null) notes.push(`"${name}" was reset once: the interval before it is a gap`);
      else {
        values.fill(energy / (at - before), before, at);
        if (at - before > 1) estimated.fill(1, before, at);
      }
    }
    before = at;
  }
  return { values, estimated: estimated.includes(1) ? estimated : null, notes };
}

/** Wh from one state to the next; null when the counter was reset. */
function between(from: number, until: number): number | null {
  if (until >= from) return until - from;
  const range = 10 ** Math.ceil(Math.log10(from + 1));
  return from > 0.9 * range && until < 0.1 * range ? range - from + until : null;
}
