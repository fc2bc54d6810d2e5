import { useFormats } from "../app/format/locale.tsx";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { type Column, DataTable } from "../app/parts/DataTable.tsx";
import { Empty } from "../app/parts/States.tsx";
import { monthName } from "../billing/SpanPicker.tsx";
import type { GridExchange } from "./exchange.ts";
import { shownFees } from "./shownFees.ts";

type Month = GridExchange["months"][number];
type Day = GridExchange["days"][number];

/** Grid fees a month and a day. */
export function Fees({ exchange }: { exchange: GridExchange }) {
  const { days, months } = exchange;
  const shown = shownFees(exchange);
  const paid = days.filter(({ gridFeeMicro }) => gridFeeMicro !== "0");
  return (
    <Card title="Income from grid fees">
      {paid.length === 0 ? (
        <Empty>No fee of this time yet. It comes with the settlement of each interval.</Empty>
      ) : (
        <>
          <DataTable
            caption="Grid fees by month"
            columns={[MONTH, feeColumn(({ month }: Month) => shown.get(month))]}
            rows={months}
            keyOf={({ month }) => month}
          />
          <DataTable
            caption="Grid fees by day"
            columns={[DAY, feeColumn(({ date }: Day) => shown.get(date))]}
            rows={paid}
            keyOf={({ date }) => date}
          />
        </>
      )}
    </Card>
  );
}

const MONTH: Column<Month> = {
  head: "Month, as far as shown",
  cell: ({ month }) => monthName(`${month}-01`),
};

const DAY: Column<Day> = { head: "Day", cell: ({ startsAt }) => <DayName startsAt={startsAt} /> };

function feeColumn<Row extends { readonly gridFeeMicro: string }>(
  shownOf: (row: Row) => bigint | undefined,
): Column<Row> {
  return {
    head: "Fees",
    isNumber: true,
    cell: (row) => <Money micro={row.gridFeeMicro} shown={shownOf(row) ?? row.gridFeeMicro} />,
  };
}

function DayName({ startsAt }: { startsAt: number }) {
  return useFormats().date(startsAt);
}
