import type { TableFormat } from "./format.ts";

/** ENTSO-E's day-ahead prices as CSV: `01/06/2024 00:00 - 01/06/2024 01:00`, the day first; the zone stands in the column's name. */
export const entsoe: TableFormat = {
  kind: "table",
  name: "entsoe",
  title: "ENTSO-E transparency platform, CSV",
  recognises: (table) =>
    table.columns.some(({ key }) => key.startsWith("mtu_")) &&
    table.columns.some(({ key }) => key.includes("eur_mwh")),
  hints: ({ columns }) => ({
    dates: "dayFirst",
    columns: Object.fromEntries(
      columns
        .filter(({ key }) => key.startsWith("intraday") || key.startsWith("sequence"))
        .map(({ key }) => [key, { is: "ignored" as const }]),
    ),
  }),
};
