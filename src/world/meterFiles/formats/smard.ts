import type { TableFormat } from "./format.ts";

const GERMANY = /^deutschland_luxemburg/;

/** SMARD (Bundesnetzagentur): prices of bidding zones side by side; that of Germany and Luxembourg is taken where there is one. */
export const smard: TableFormat = {
  kind: "table",
  name: "smard",
  title: "SMARD",
  recognises: (table) =>
    table.columns.some(({ key }) => GERMANY.test(key)) &&
    table.columns.some(({ key }) => key.endsWith("eur_mwh") || key.includes("eur_mwh_")),
  hints: ({ columns }) => ({
    zone: "Europe/Berlin",
    dates: "dayFirst",
    decimal: ",",
    columns: Object.fromEntries(
      columns
        .filter(({ key, kind }) => kind === "number" && !GERMANY.test(key))
        .map(({ key }) => [key, { is: "ignored" as const }]),
    ),
  }),
};
