import { hasColumns, type TableFormat } from "./format.ts";

/** netztransparenz.de: spot prices by hour or quarter, times with their zone in a column of its own. */
export const netztransparenz: TableFormat = {
  kind: "table",
  name: "netztransparenz",
  title: "netztransparenz.de",
  recognises: (table) =>
    hasColumns(table, ["zeitzone_von"]) || hasColumns(table, ["spotmarktpreis_in_ct_kwh"]),
  hints: () => ({ zone: "Europe/Berlin", dates: "dayFirst", decimal: "," }),
};
