import { hasColumns, type TableFormat } from "./format.ts";

/** Ausgrid's solar home data: a row a day and kind of energy, 48 half-hours, kWh; customers apart. */
export const ausgrid: TableFormat = {
  kind: "table",
  name: "ausgrid",
  title: "Ausgrid solar home data",
  recognises: (table) => hasColumns(table, ["consumption_category", "generator_capacity"]),
  hints: () => ({
    zone: "Australia/Sydney",
    dates: "dayFirst",
    columns: {
      customer: { is: "meter" },
      consumption_category: { is: "category" },
      generator_capacity: { is: "ignored" },
      postcode: { is: "ignored" },
      row_quality: { is: "ignored" },
    },
  }),
};
