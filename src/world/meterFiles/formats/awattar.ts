import { hasColumns, type TableFormat } from "./format.ts";

/** aWATTar's prices as JSON: milliseconds, currency per MWh as each row says. */
export const awattar: TableFormat = {
  kind: "table",
  name: "awattar",
  title: "aWATTar",
  recognises: (table) => hasColumns(table, ["start_timestamp", "marketprice"]),
  hints: () => ({ columns: { marketprice: { is: "wholesale" } } }),
};
