import { Link } from "@tanstack/react-router";
import type { z } from "zod";
import type { tradesWire } from "#domains/pool/wire.ts";
import { AccountLink } from "../../accounts/AccountLink.tsx";
import { Energy, Price } from "../../app/parts/Amount.tsx";
import type { Column } from "../../app/parts/DataTable.tsx";
import { PagedTable } from "../../app/parts/PagedTable.tsx";
import { Empty } from "../../app/parts/States.tsx";
import type { Interval } from "../interval.ts";

type Trade = z.infer<typeof tradesWire>["trades"][number];

const PAGE_TRADES = 20;

const COLUMNS: readonly Column<Trade>[] = [
  { head: "Seller", cell: ({ seller }) => <AccountLink account={seller} /> },
  { head: "Buyer", cell: ({ buyer }) => <AccountLink account={buyer} /> },
  { head: "Contracted", isNumber: true, cell: ({ energyWh }) => <Energy wh={energyWh} form="fine" /> },
  {
    head: "Price per kWh",
    isNumber: true,
    cell: ({ priceMicroPerKwh }) => <Price micro={priceMicroPerKwh} form="bare" />,
  },
  {
    head: "Orders",
    isExtra: true,
    cell: ({ offerOrderId, bidOrderId }) => (
      <>
        <Link to="/orders/$orderId" params={{ orderId: offerOrderId }}>
          offer
        </Link>
        {", "}
        <Link to="/orders/$orderId" params={{ orderId: bidOrderId }}>
          bid
        </Link>
      </>
    ),
  },
];

/** Who traded with whom; paged by the API. */
export function Trades({ interval: { areaId, intervalId } }: { interval: Interval }) {
  return (
    <PagedTable
      path={`/v1/trades?areaId=${areaId}&intervalId=${intervalId}`}
      rowsOf={({ trades }: z.infer<typeof tradesWire>) => trades}
      rowsPerPage={PAGE_TRADES}
      columns={COLUMNS}
      keyOf={({ number }) => number}
      caption="Trades of the interval"
      what="the trades"
      empty={<Empty>Nothing was traded in this interval.</Empty>}
    />
  );
}
