import { Link } from "@tanstack/react-router";
import type { AccountCardProps } from "../../app/pageDomain.ts";
import { Card } from "../../app/parts/Card.tsx";
import { OrdersTable } from "./OrdersTable.tsx";

/** The orders of an account, for its owner with a way to a new one. */
export function AccountOrders({ account, owner, during }: AccountCardProps) {
  return (
    <Card
      title={`${owner ? "My" : "Its"} orders, and what became of each`}
      aside={owner ? <Link to="/order">new order</Link> : null}
    >
      <OrdersTable account={account} during={during} />
    </Card>
  );
}
