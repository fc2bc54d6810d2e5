import { useFormats } from "../app/format/locale.tsx";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { type Column, DataTable } from "../app/parts/DataTable.tsx";
import { Empty } from "../app/parts/States.tsx";
import { monthName } from "../billing/SpanPicker.tsx";
import type { GridExchange } from "./exchange.ts";

type Month = GridExchange["months"][number];
type Day = GridExchange["days"][number];

/** Grid fees a month and a day. */
export function Fees({ exchange: { days, months } }: { exchange: GridExchange }) {
  const paid = days.filter(({ gridFeeMicro }) => gridFeeMicro !== "0");
  return (
    <Card title="Income from grid fees">
      {paid.length === 0 ? (
        <Empty>No fee of this time yet. It comes with the settlement of each interval.</Empty>
      ) : (
        <>
          <DataTable
            caption="Grid fees by month"
            columns={MONTHS}
            rows={months}
            keyOf={({ month }) => month}
          />
          <DataTable caption="Grid fees by day" columns={DAYS} rows={paid} keyOf={({ date }) => date} />
        </>
      )}
    </Card>
  );
}

const MONTHS: readonly Column<Month>[] = [
  { head: "Month, as far as shown", cell: ({ month }) => monthName(`${month}-01`) },
  { head: "Fees", isNumber: true, cell: ({ gridFeeMicro }) => <Money micro={gridFeeMicro} /> },
];

const DAYS: readonly Column<Day>[] = [
  { head: "Day", cell: ({ startsAt }) => <DayName startsAt={startsAt} /> },
  { head: "Fees", isNumber: true, cell: ({ gridFeeMicro }) => <Money micro={gridFeeMicro} /> },
];

function DayName({ startsAt }: { startsAt: number }) {
  return useFormats().date(startsAt);
}
