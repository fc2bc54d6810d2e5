import { AccountLink } from "../accounts/AccountLink.tsx";
import { type Column, DataTable } from "../app/parts/DataTable.tsx";
import { Power } from "./Power.tsx";
import type { StationInPeriod, WholePeriod } from "./quotas.ts";
import { STATION_FIGURES } from "./stationFigures.tsx";

/** The stations of a period: what each asked for, was given, traded, drew and paid. What is not known yet is a dash. */
export function StationTable({ period }: { period: WholePeriod }) {
  return (
    <DataTable
      caption="Stations of the period"
      columns={COLUMNS}
      rows={period.stationList}
      keyOf={({ member }) => member}
    />
  );
}

const COLUMNS: readonly Column<StationInPeriod>[] = [
  { head: "Station", cell: ({ account }) => <AccountLink account={account} /> },
  { head: "Demand", isNumber: true, cell: ({ demandW }) => <Power w={demandW} /> },
  {
    head: "Given",
    isNumber: true,
    isExtra: true,
    cell: ({ allocatedW }) => (allocatedW === null ? "–" : <Power w={allocatedW} />),
  },
  {
    head: "Traded",
    isNumber: true,
    cell: ({ tradedW, allocatedW }) => (allocatedW === null ? "–" : <Power w={tradedW} isSigned />),
  },
  ...STATION_FIGURES,
];
