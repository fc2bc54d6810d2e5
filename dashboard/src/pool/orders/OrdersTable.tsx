import { Link } from "@tanstack/react-router";
import { memberText } from "../../accounts/members.ts";
import { useHasSeveralMembers } from "../../accounts/useHasSeveralMembers.ts";
import { duringPath } from "../../app/during.ts";
import { capitalised } from "../../app/format/sentences.ts";
import type { During } from "../../app/pageDomain.ts";
import { Energy, Price } from "../../app/parts/Amount.tsx";
import type { Column } from "../../app/parts/DataTable.tsx";
import { PagedTable } from "../../app/parts/PagedTable.tsx";
import { Empty } from "../../app/parts/States.tsx";
import { IntervalLink } from "../../metering/IntervalLink.tsx";
import { type Order, OrderState } from "./OrderState.tsx";
import "./orders.css";

const ORDERS_PER_PAGE = 10;

/** The orders of an account with what became of them, the open ones first. */
export function OrdersTable({ account, during }: { account: number; during?: During | undefined }) {
  const hasSeveral = useHasSeveralMembers(account);
  return (
    <PagedTable
      key={`${during?.from} ${during?.to}`}
      path={duringPath(`/v1/participants/${account}/orders`, during)}
      rowsOf={({ orders }: { orders: Order[] }) => orders}
      rowsPerPage={ORDERS_PER_PAGE}
      columns={hasSeveral ? WITH_MEMBER : COLUMNS}
      keyOf={({ orderId }) => orderId}
      caption="Orders"
      what="the orders"
      empty={<Empty>{during ? "No order for this time." : "No order yet."}</Empty>}
    />
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

/** Whose order it is, where an account has several metering points. */
const WITH_MEMBER: readonly Column<Order>[] = [
  ...COLUMNS,
  { head: "Metering point", isExtra: true, cell: (order) => capitalised(memberText(order)) },
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
