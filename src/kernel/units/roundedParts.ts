import { divideRoundingDown } from "./rounding.ts";
import { sumOf } from "./sums.ts";

/** The unit of money that people pay in. */
export const MICRO_PER_CENT = 10_000n;

/** Prices per kWh are shown with three decimals. */
export const MICRO_PER_PRICE_STEP = 1_000n;

/** Money of a single interval is shown with three decimals. */
export const MICRO_PER_FINE = 1_000n;

/** Parts and their total as they are shown, in micro or Wh like the exact ones: whole units, and the parts add up to the total. */
export type RoundedParts = { readonly parts: readonly bigint[]; readonly total: bigint };

/**
 * Rounds parts and their total to whole `unit`s so that the shown parts add up to the shown total: the total goes to the
 * nearest unit (half away from zero), each part to one of the two units beside it, and those with the largest remainders go
 * up. A part that is a whole number of units stays as it is. With `total`, the one beside the exact total that stands
 * elsewhere already.
 */
export function roundParts(
  parts: readonly bigint[],
  { unit, total }: { readonly unit: bigint; readonly total?: bigint },
): RoundedParts {
  const shown = total ?? roundToNearest(sumOf(parts), unit);
  const floors = parts.map((part) => floorTo(part, unit));
  const up = new Set(byRemainder(parts, unit).slice(0, unitsMissing([...floors, -shown], unit)));
  return { parts: floors.map((floor, i) => (up.has(i) ? floor + unit : floor)), total: shown };
}

/**
 * Two amounts and how far the first lies above the second, as they are shown: each goes to the nearest unit, as wherever else
 * it stands, and what lies between is what lies between the shown ones.
 */
export function roundDifference(
  { first, second }: { readonly first: bigint; readonly second: bigint },
  unit: bigint,
): { readonly first: bigint; readonly second: bigint; readonly difference: bigint } {
  const shown = { first: roundToNearest(first, unit), second: roundToNearest(second, unit) };
  return { ...shown, difference: shown.first - shown.second };
}

/** To the nearest whole unit, half away from zero. */
export function roundToNearest(exact: bigint, unit: bigint): bigint {
  const size = exact < 0n ? -exact : exact;
  const rounded = ((size + unit / 2n) / unit) * unit;
  return exact < 0n ? -rounded : rounded;
}

/**
 * Rounds a table so that what is shown adds up along each row and down each column: `rows` of parts come back with each row's
 * total at its end, and a last row of the columns' totals. Each figure goes to one of the two units beside it; a whole number
 * of units stays (controlled rounding: L. H. Cox, "A constructive procedure for unbiased controlled rounding", 1987).
 */
export function roundTable(rows: readonly (readonly bigint[])[], unit: bigint): bigint[][] {
  const exact = withTotals(rows);
  const floors = exact.map((row) => row.map((value) => floorTo(value, unit)));
  const mayRise = exact.map((row, i) => row.map((value, j) => value !== floors[i]?.[j]));
  const rises = exact.map((row, i) => {
    const chosen = new Set(byRemainder(row, unit).slice(0, unitsMissing(floors[i] ?? [], unit)));
    return row.map((_, j) => chosen.has(j));
  });
  const columns = (exact[0] ?? []).map((_, j) => floors.map((row) => row[j] ?? 0n));
  moveRises(rises, { mayRise, wanted: columns.map((column) => unitsMissing(column, unit)) });
  return signsBack(floors.map((row, i) => row.map((floor, j) => (rises[i]?.[j] ? floor + unit : floor))));
}

/** With totals of the other sign, so that each row and each column sums to nothing. */
function withTotals(rows: readonly (readonly bigint[])[]): bigint[][] {
  const whole = rows.map((row) => [...row, -sumOf(row)]);
  const width = whole[0]?.length ?? 0;
  return [...whole, Array.from({ length: width }, (_, j) => -sumOf(whole.map((row) => row[j] ?? 0n)))];
}

/** Totals in their own sign: the corner is the total of totals, and has it already. */
function signsBack(table: readonly (readonly bigint[])[]): bigint[][] {
  return table.map((row, i) =>
    row.map((value, j) => ((i === table.length - 1) === (j === row.length - 1) ? value : -value)),
  );
}

/** How many of these floors must rise by one unit, so that they sum to nothing. */
function unitsMissing(floors: readonly bigint[], unit: bigint): number {
  return Number(-sumOf(floors) / unit);
}

/**
 * Moves rises within rows until each column has as many as it wants: along the shortest way from a column with too many to
 * one with too few. There always is one, since the exact table is itself a way to part the rises.
 */
function moveRises(
  rises: boolean[][],
  { mayRise, wanted }: { readonly mayRise: readonly boolean[][]; readonly wanted: readonly number[] },
): void {
  const spare = wanted.map((count, j) => rises.filter((row) => row[j]).length - count);
  for (
    let from = spare.findIndex((each) => each > 0);
    from >= 0;
    from = spare.findIndex((each) => each > 0)
  ) {
    const way = shortestWay(from, { rises, mayRise, isEnd: (column) => (spare[column] ?? 0) < 0 });
    for (const { row, to, by } of way) swap(rises[row] ?? [], by, to);
    spare[from] = (spare[from] ?? 0) - 1;
    const end = way.at(-1)?.to ?? from;
    spare[end] = (spare[end] ?? 0) + 1;
  }
}

/** A rise of a row that moves from column `by` to column `to`. */
type Move = { readonly row: number; readonly by: number; readonly to: number };

function shortestWay(
  from: number,
  {
    rises,
    mayRise,
    isEnd,
  }: {
    readonly rises: readonly (readonly boolean[])[];
    readonly mayRise: readonly (readonly boolean[])[];
    readonly isEnd: (column: number) => boolean;
  },
): readonly Move[] {
  const ways = new Map<number, readonly Move[]>([[from, []]]);
  for (const [by, way] of ways)
    for (let to = 0; to < (rises[0]?.length ?? 0); to++) {
      if (ways.has(to)) continue;
      const row = rises.findIndex((each, i) => each[by] && !each[to] && mayRise[i]?.[to]);
      if (row < 0) continue;
      ways.set(to, [...way, { row, by, to }]);
      if (isEnd(to)) return ways.get(to) ?? [];
    }
  throw new Error("a table that adds up can be rounded so that it does");
}

function swap(row: boolean[], from: number, to: number): void {
  row[from] = false;
  row[to] = true;
}

/** Places of parts that are not whole units, the largest remainder first. */
function byRemainder(parts: readonly bigint[], unit: bigint): number[] {
  const remainders = parts.map((part) => part - floorTo(part, unit));
  const places = remainders.flatMap((remainder, i) => (remainder > 0n ? [i] : []));
  const of = (i: number) => remainders[i] ?? 0n;
  return places.sort((a, b) => (of(a) === of(b) ? a - b : of(a) > of(b) ? -1 : 1));
}

function floorTo(value: bigint, unit: bigint): bigint {
  return divideRoundingDown(value, unit) * unit;
}
