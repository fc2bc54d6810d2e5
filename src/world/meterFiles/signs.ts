import { refuseWith } from "./question.ts";
import type { Fact, RefusedRow } from "./recording.ts";
import type { WrittenColumn } from "./written.ts";

/** Share of negative values from which on a column is signed, and not a few bad cells of it. */
const SIGNED_SHARE = 0.02;
const LEAST_SIGNED = 3;

/** Standby of an inverter at night, as a share of what it makes at most. */
const STANDBY_SHARE = 0.02;

/**
 * Settles what is below zero. Consumption that is often negative, alone, is the net of import less export; a feed-in that is
 * never positive is written with its sign turned; generation a little below zero is an inverter's standby, and nothing;
 * single negative values are refused.
 *
 * @param hasDirection whether a column's direction is known and not taken by rule
 * @throws FileRefusedError when consumption is often negative beside a column of feed-in, or without a direction of its own
 */
export function settleSigns(
  columns: readonly WrittenColumn[],
  { hasDirection, refused }: { hasDirection: (name: string) => boolean; refused: RefusedRow[] },
): { readonly columns: readonly WrittenColumn[]; readonly facts: readonly Fact[] } {
  const facts: Fact[] = [];
  const hasFeedIn = columns.some(({ role }) => role === "export" || role === "pv");
  const settled = columns.map((column) => {
    if (column.role === "net") facts.push(netFact(column));
    if (!UNSIGNED.has(column.role) || column.isRegister) return column;
    const { negative, positive, most } = count(column.values);
    if (negative === 0) return column;
    if ((column.role === "load" || column.role === "import") && isSigned(negative, column.values.length)) {
      if (hasFeedIn) throw refuseWith(bothSigned(column));
      if (!hasDirection(column.name)) throw refuseWith(signed(column, negative));
      const because = `it is consumption by its name, and below zero in ${negative} of ${column.values.length} rows`;
      facts.push({ what: `"${column.name}"`, says: "import less export, signed", because });
      return { ...column, role: "net" as const };
    }
    if (column.role === "export" && positive === 0) {
      facts.push({
        what: `"${column.name}"`,
        says: "feed-in, its sign turned",
        because: "it is never above zero",
      });
      return { ...column, values: column.values.map((value) => -value) };
    }
    return dropNegative(column, { isStandby: column.role === "pv", most }, refused);
  });
  return { columns: settled, facts };
}

const UNSIGNED: ReadonlySet<string> = new Set(["load", "pv", "import", "export", "vehicleWh", "available"]);

function netFact({ name }: WrittenColumn): Fact {
  const says = "import less export: above zero is taken, below is fed in";
  return {
    what: `"${name}"`,
    says,
    because: "it is a net; sign: turned in a mapping says the other way about",
  };
}

function isSigned(negative: number, rows: number): boolean {
  return negative >= LEAST_SIGNED && negative >= SIGNED_SHARE * rows;
}

function count(values: Float64Array): { negative: number; positive: number; most: number } {
  let [negative, positive, most] = [0, 0, 0];
  for (const value of values) {
    if (value < 0) negative += 1;
    if (value > 0) positive += 1;
    if (value > most) most = value;
  }
  return { negative, positive, most };
}

function dropNegative(
  column: WrittenColumn,
  { isStandby, most }: { isStandby: boolean; most: number },
  refused: RefusedRow[],
): WrittenColumn {
  const values = column.values.map((value, row) => {
    if (!(value < 0)) return value;
    if (isStandby && -value <= STANDBY_SHARE * most) return 0;
    const label = `${column.name} (${column.unit || "0 or 1"})`;
    refused.push({
      line: column.times.lines[row] as number,
      reason: `column ${label}: ${written(column, value)} is negative`,
    });
    return Number.NaN;
  });
  return { ...column, values };
}

function written({ unit }: WrittenColumn, value: number): string {
  const factor = unit.startsWith("k") ? 1_000 : unit.startsWith("M") ? 1_000_000 : 1;
  return String(Number((value / factor).toPrecision(12)));
}

function signed({ name, values }: WrittenColumn, negative: number) {
  return {
    asks: `"${name}" has no direction, and is below zero in ${negative} of ${values.length} rows: which sign has what is fed in?`,
    answer: `mapping: columns: { "${name}": { is: net } } where taken is above zero, or { is: net, sign: turned }`,
  };
}

function bothSigned({ name }: WrittenColumn) {
  return {
    asks: `"${name}" is consumption by its name and yet often below zero, beside a column of feed-in: is it a net?`,
    answer: `mapping: columns: { "${name}": { is: net } } and the other { is: ignored }, or the other way about`,
  };
}
