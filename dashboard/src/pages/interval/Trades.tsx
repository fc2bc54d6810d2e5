import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { z } from "zod";
import type { tradesWire } from "#api/wire.ts";
import { useGet } from "../../api/useGet.ts";
import { AccountLink } from "../../parts/AccountLink.tsx";
import { Energy, Price } from "../../parts/Amount.tsx";
import { type Column, DataTable, Pager } from "../../parts/DataTable.tsx";
import { Empty, Loaded } from "../../parts/States.tsx";
import type { Interval } from "../IntervalPage.tsx";

type Trade = z.infer<typeof tradesWire>["trades"][number];

const PAGE_TRADES = 20;

const COLUMNS: readonly Column<Trade>[] = [
  { head: "Seller", cell: ({ seller }) => <AccountLink account={seller} /> },
  { head: "Buyer", cell: ({ buyer }) => <AccountLink account={buyer} /> },
  { head: "Energy", isNumber: true, cell: ({ energyWh }) => <Energy wh={energyWh} form="fine" /> },
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
  const [page, setPage] = useState(0);
  const trades = useGet<z.infer<typeof tradesWire>>(
    `/v1/trades?areaId=${areaId}&intervalId=${intervalId}&limit=${PAGE_TRADES}&offset=${page * PAGE_TRADES}`,
  );
  return (
    <Loaded query={trades} what="the trades">
      {(body) =>
        body.trades.length === 0 && page === 0 ? (
          <Empty>Nothing was traded in this interval.</Empty>
        ) : (
          <div className="stack">
            <DataTable
              caption="Trades of the interval"
              columns={COLUMNS}
              rows={body.trades}
              keyOf={({ number }) => number}
            />
            <Pager page={page} hasMore={body.trades.length === PAGE_TRADES} onPage={setPage} />
          </div>
        )
      }
    </Loaded>
  );
}
