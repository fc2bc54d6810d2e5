import type { RecordedColumn, Recording } from "./recording.ts";

/** What a household takes and what it makes, by columns whose values add up. */
export type HomeEnergy = {
  readonly taken: readonly RecordedColumn[];
  readonly fedIn: readonly RecordedColumn[];
};

/**
 * The columns that say what a home takes and makes: load and generation where both are there, else what the meter counts, a
 * net split by its sign; else what there is.
 */
export function homeEnergy({ columns }: Recording): HomeEnergy {
  const of = (role: RecordedColumn["role"]) => columns.filter((column) => column.role === role);
  const [load, pv] = [of("load"), of("pv")];
  if (load.length > 0 && pv.length > 0) return { taken: load, fedIn: pv };
  const nets = of("net");
  const counted = {
    taken: [...of("import"), ...nets.map((net) => halve(net, 1))],
    fedIn: [...of("export"), ...nets.map((net) => halve(net, -1))],
  };
  return {
    taken: counted.taken.length > 0 ? counted.taken : load,
    fedIn: pv.length > 0 ? pv : counted.fedIn,
  };
}

function halve(net: RecordedColumn, sign: 1 | -1): RecordedColumn {
  return { ...net, values: net.values.map((value) => Math.max(0, sign * value)) };
}

const SECONDS_PER_HOUR = 3_600;

/** Energy of a slot in all of some columns, Wh; NaN where none of them has a value. */
export function slotEnergy(columns: readonly RecordedColumn[], slot: number, stepSeconds: number): number {
  let [sum, known] = [0, 0];
  for (const { values, quantity } of columns) {
    const value = values[slot] as number;
    if (Number.isNaN(value)) continue;
    sum += quantity === "power" ? (value * stepSeconds) / SECONDS_PER_HOUR : value;
    known += 1;
  }
  return known === 0 ? Number.NaN : sum;
}
