import { hasColumns, type TableFormat } from "./format.ts";

/** Octopus Energy's consumption and unit rates as JSON: kWh, pence per kWh with VAT. */
export const octopus: TableFormat = {
  kind: "table",
  name: "octopus",
  title: "Octopus Energy",
  recognises: (table) =>
    hasColumns(table, ["consumption", "interval_start"]) ||
    hasColumns(table, ["value_inc_vat", "valid_from"]),
  hints: () => ({
    columns: {
      consumption: { is: "import", unit: "kWh" },
      value_inc_vat: { is: "retail", unit: "cent/kWh" },
      value_exc_vat: { is: "ignored" },
    },
  }),
};
