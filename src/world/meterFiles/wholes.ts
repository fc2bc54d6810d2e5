import type { ColumnRole } from "./hints.ts";
import { FileRefusedError } from "./question.ts";
import type { Fact } from "./recording.ts";
import type { ValueColumn } from "./valueColumns.ts";
import type { WrittenColumn } from "./written.ts";

/** Share of the rows in which a whole must equal the sum of its parts. */
const AGREEING_SHARE = 0.98;

/** Columns that are compared with sums of others: beyond this nothing is tried. */
const MAX_PARTS = 10;

/** Half a unit of the third decimal of kWh and kW, and a little. */
const ROUNDING = 0.6;

type Said = ReadonlyMap<string, ValueColumn>;

/**
 * Several columns of one direction: tariffs of one counter are added up; a whole that equals its parts, or its twin, in every
 * row is taken alone. Anything else may count energy twice, and is asked for.
 *
 * @param said what is known of each column, by its name
 */
export function settleWholes(
  columns: readonly WrittenColumn[],
  said: Said,
): { readonly columns: readonly WrittenColumn[]; readonly facts: readonly Fact[] } {
  const facts: Fact[] = [];
  const dropped = new Set<WrittenColumn>();
  for (const role of ["load", "import", "pv", "export", "net", "wholesale", "retail", "feedIn"] as const) {
    const alike = columns.filter((column) => column.role === role);
    if (alike.length < 2 || alike.every(({ name }) => isTold(said.get(name)))) continue;
    const whole = findWhole(alike);
    if (whole === null) throw alike[0]?.quantity === "price" ? askForPrice(alike) : askForWhole(alike, role);
    for (const part of alike) if (part !== whole) dropped.add(part);
    const parts = alike.filter((part) => part !== whole).map(({ name }) => `"${name}"`);
    facts.push({
      what: `"${whole.name}"`,
      says: `the whole; ${parts.join(", ")} left out`,
      because: "it equals their sum, or each of them, in every row",
    });
  }
  return { columns: columns.filter((column) => !dropped.has(column)), facts };
}

/** A tariff's part of a counter, or a column whose meaning somebody said. */
function isTold(column: ValueColumn | undefined): boolean {
  return column !== undefined && (column.tariff || column.because === "it was said");
}

function findWhole(columns: readonly WrittenColumn[]): WrittenColumn | null {
  if (columns.length > MAX_PARTS) return null;
  const whole = columns.find((column) => {
    const parts = columns.filter((other) => other !== column);
    return agrees(
      column,
      (row) => parts.reduce((sum, part) => sum + (part.values[row] as number), 0),
      parts.length,
    );
  });
  if (whole !== undefined) return whole;
  const [first, ...others] = columns as readonly [WrittenColumn, ...WrittenColumn[]];
  const areTwins = others.every((other) => agrees(first, (row) => other.values[row] as number, 1));
  return areTwins ? first : null;
}

function agrees(column: WrittenColumn, other: (row: number) => number, parts: number): boolean {
  let [compared, equal] = [0, 0];
  column.values.forEach((value, row) => {
    const sum = other(row);
    if (Number.isNaN(value) || Number.isNaN(sum)) return;
    compared += 1;
    if (Math.abs(value - sum) <= ROUNDING * (parts + 1) + Math.abs(value) * 1e-6) equal += 1;
  });
  return compared > 0 && equal >= AGREEING_SHARE * compared;
}

function askForWhole(columns: readonly WrittenColumn[], role: ColumnRole): FileRefusedError {
  const names = columns.map(({ name }) => `"${name}"`).join(", ");
  const lines = columns.map(({ name }) => `"${name}": { is: ${role} }`).join(", ");
  const asks = `${names} are of one direction (${role}): parts to add up, or a whole beside its parts?`;
  return new FileRefusedError(asks, [
    { asks, answer: `mapping: columns: { ${lines} } adds them up; { is: ignored } leaves one out` },
  ]);
}

function askForPrice(columns: readonly WrittenColumn[]): FileRefusedError {
  const names = columns.map(({ name }) => `"${name}"`).join(", ");
  const asks = `${names} are prices of one kind: which one counts?`;
  const answer = `mapping: columns: { "${columns[1]?.name}": { is: ignored } } leaves one out; retail, feedIn and wholesale tell them apart`;
  return new FileRefusedError(asks, [{ asks, answer }]);
}
