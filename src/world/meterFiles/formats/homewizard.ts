import { hasColumns, type TableFormat } from "./format.ts";

const COUNTERS = ["import_t1_kwh", "import_t2_kwh", "export_t1_kwh", "export_t2_kwh"];

/** HomeWizard's P1 and kWh meters: states of the counters by tariff; peaks of the phases are left alone. */
export const homewizard: TableFormat = {
  kind: "table",
  name: "homewizard",
  title: "HomeWizard",
  recognises: (table) => hasColumns(table, ["import_t1_kwh", "export_t1_kwh"]),
  hints: () => ({
    columns: Object.fromEntries(COUNTERS.map((key) => [key, { values: "register" as const }])),
  }),
};
