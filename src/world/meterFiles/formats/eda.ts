import { UNFOLDED } from "../unfold.ts";
import { normaliseName } from "../units.ts";
import { hasColumns, type TableFormat } from "./format.ts";

const TIME = normaliseName(UNFOLDED.community);

/** An Austrian community's energy report, of the EDA portal and of billing suites: many metering points, quarter hours on the clock on the wall. */
export const eda: TableFormat = {
  kind: "table",
  name: "eda",
  title: "energy report of an Austrian community",
  recognises: (table) => hasColumns(table, [TIME]),
  hints: () => ({
    zone: "Europe/Vienna",
    dates: "dayFirst",
    times: "start",
    columns: {
      [TIME]: { is: "time" },
      [normaliseName("Zählpunkt")]: { is: "meter" },
      [normaliseName("Verbrauch (kWh)")]: { is: "import", unit: "kWh" },
      [normaliseName("Einspeisung (kWh)")]: { is: "export", unit: "kWh" },
    },
  }),
};
