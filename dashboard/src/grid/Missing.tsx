import { AccountLink } from "../accounts/AccountLink.tsx";
import { useFormats } from "../app/format/locale.tsx";
import { Card } from "../app/parts/Card.tsx";
import { type Column, DataTable } from "../app/parts/DataTable.tsx";
import { Time } from "../app/parts/Time.tsx";
import type { GridExchange } from "./exchange.ts";

type Meter = NonNullable<GridExchange["missing"]["meters"]>[number];

/** Readings that have not come: which, and since when, to whom that may be shown. */
export function Missing({ exchange: { missing } }: { exchange: GridExchange }) {
  const formats = useFormats();
  const { readings, intervals, meters } = missing;
  if (readings === 0)
    return (
      <Card title="Missing readings">
        <p>None: every meter was read in every interval that is published.</p>
      </Card>
    );
  return (
    <Card title="Missing readings" tone="watch">
      <p>
        {formats.count(readings)} of {formats.count(intervals)} intervals. Each counts as zero in the figures
        here.
      </p>
      {meters === null ? (
        <p className="quiet">Which they are is shown to the grid operator and the operator of the area.</p>
      ) : (
        <DataTable
          caption="Missing readings"
          columns={COLUMNS}
          rows={meters}
          keyOf={({ member }) => member}
        />
      )}
    </Card>
  );
}

const COLUMNS: readonly Column<Meter>[] = [
  {
    head: "Metering point",
    cell: ({ account, member }) => (
      <>
        <AccountLink account={account} />, member {member}
      </>
    ),
  },
  { head: "Since", cell: ({ firstAt }) => <Time at={firstAt} /> },
  { head: "Last", cell: ({ lastAt }) => <Time at={lastAt} />, isExtra: true },
  { head: "Intervals", isNumber: true, cell: ({ intervals }) => intervals },
];
