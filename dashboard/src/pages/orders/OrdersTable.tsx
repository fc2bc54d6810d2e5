import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useGet } from "../../api/useGet.ts";
import { Energy, Price } from "../../parts/Amount.tsx";
import { type Column, DataTable, Pager } from "../../parts/DataTable.tsx";
import { IntervalLink } from "../../parts/IntervalLink.tsx";
import { Empty, Loaded } from "../../parts/States.tsx";
import { type Order, OrderState } from "./OrderState.tsx";
import "./orders.css";

const ORDERS_PER_PAGE = 10;

/** The orders of an account with what became of them, the open ones first. */
export function OrdersTable({ account }: { account: number }) {
  const [page, setPage] = useState(0);
  const query = useGet<{ orders: Order[] }>(
    `/v1/participants/${account}/orders?limit=${ORDERS_PER_PAGE}&offset=${page * ORDERS_PER_PAGE}`,
  );
  return (
    <Loaded query={query} what="the orders">
      {({ orders }) => (
        <>
          {orders.length === 0 ? (
            <Empty>No order yet.</Empty>
          ) : (
            <DataTable caption="Orders" columns={COLUMNS} rows={orders} keyOf={({ orderId }) => orderId} />
          )}
          <Pager
            label="Pages of the orders"
            page={page}
            hasMore={orders.length === ORDERS_PER_PAGE}
            onPage={setPage}
          />
        </>
      )}
    </Loaded>
  );
}

const COLUMNS: readonly Column<Order>[] = [
  {
    head: "For",
    cell: (order) => (
      <div className="wrapping">
        <IntervalLink areaId={order.areaId} intervalId={order.intervalId} />
        <span className="phone-only">
          <Wish order={order} />
        </span>
      </div>
    ),
  },
  { head: "Wish", isExtra: true, cell: (order) => <Wish order={order} /> },
  {
    head: "Came of it",
    cell: (order) => (
      <>
        <OrderState order={order} />{" "}
        <Link
          to="/orders/$orderId"
          params={{ orderId: order.orderId }}
          aria-label={`Why, order ${order.orderId.slice(0, 10)}`}
        >
          why?
        </Link>
      </>
    ),
  },
];

function Wish({ order: { side, energyWh, limitPriceMicroPerKwh } }: { order: Order }) {
  return (
    <>
      {side === "bid" ? "buy" : "sell"} <Energy wh={energyWh} form="fine" />{" "}
      <span className="quiet small">
        {side === "bid" ? "at most" : "at least"} <Price micro={limitPriceMicroPerKwh} />
      </span>
    </>
  );
}
