import { hasColumns, type TableFormat } from "./format.ts";

/** Enphase's Enlighten: produced and consumed, with what went to and came from the grid; batteries are left alone. */
export const enphase: TableFormat = {
  kind: "table",
  name: "enphase",
  title: "Enphase Enlighten",
  recognises: (table) => hasColumns(table, ["energy_produced_wh", "energy_consumed_wh"]),
  hints: () => ({
    columns: {
      energy_produced_wh: { is: "pv", unit: "Wh" },
      energy_consumed_wh: { is: "load", unit: "Wh" },
    },
  }),
};
