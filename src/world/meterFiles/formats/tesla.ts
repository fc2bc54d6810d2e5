import { hasColumns, type TableFormat } from "./format.ts";

/** Tesla's app: home, solar, Powerwall and grid, which balance: the last two follow from the others and count nothing more. */
export const tesla: TableFormat = {
  kind: "table",
  name: "tesla",
  title: "Tesla app",
  recognises: (table) => hasColumns(table, ["home_kw", "solar_kw", "grid_kw"]),
  hints: () => ({
    columns: {
      home_kw: { is: "load", unit: "kW" },
      solar_kw: { is: "pv", unit: "kW" },
      powerwall_kw: { is: "ignored" },
      grid_kw: { is: "ignored" },
    },
  }),
};
