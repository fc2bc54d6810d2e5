import { hasColumns, type TableFormat } from "./format.ts";

/** ESB Networks' harmonised file: a row a half-hour and kind of energy, newest first, times at the end. */
export const esb: TableFormat = {
  kind: "table",
  name: "esb",
  title: "ESB Networks HDF",
  recognises: (table) => hasColumns(table, ["mprn", "read_type", "read_value"]),
  hints: () => ({
    zone: "Europe/Dublin",
    dates: "dayFirst",
    times: "end",
    columns: {
      mprn: { is: "meter" },
      meter_serial_number: { is: "ignored" },
      read_type: { is: "category" },
    },
  }),
};
