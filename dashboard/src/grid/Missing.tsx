import { AccountLink } from "../accounts/AccountLink.tsx";
import { useFormats } from "../app/format/locale.tsx";
import { Card } from "../app/parts/Card.tsx";
import { type Column, DataTable } from "../app/parts/DataTable.tsx";
import { Time } from "../app/parts/Time.tsx";
import type { GridExchange } from "./exchange.ts";

type Meter = NonNullable<GridExchange["missing"]["meters"]>[number];

/** Readings that have not come: which, and since when, to whom that may be shown. */
export function Missing({ exchange: { missing, intervals: known } }: { exchange: GridExchange }) {
  const formats = useFormats();
  const { readings, intervals, unreadIntervals, meters } = missing;
  const isNothingMissing = readings === 0 && unreadIntervals === 0;
  if (isNothingMissing)
    return (
      <Card title="Missing readings">
        <p>
          {known === 0
            ? "No reading of this time has come yet, and none is overdue."
            : "None: every meter was read in every interval that is published."}
        </p>
      </Card>
    );
  return (
    <Card title="Missing readings" tone="watch">
      {unreadIntervals > 0 ? (
        <p>{formats.count(unreadIntervals)} intervals without any reading. They are in no figure here.</p>
      ) : null}
      {readings > 0 ? (
        <p>
          {formats.count(readings)} of {formats.count(intervals)} intervals. Each counts as zero in the
          figures here.
        </p>
      ) : null}
      {readings > 0 ? <Meters meters={meters} /> : null}
    </Card>
  );
}

function Meters({ meters }: { meters: readonly Meter[] | null }) {
  if (meters === null)
    return (
      <p className="quiet">Which they are is shown to the grid operator and the operator of the area.</p>
    );
  return (
    <DataTable caption="Missing readings" columns={COLUMNS} rows={meters} keyOf={({ member }) => member} />
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
