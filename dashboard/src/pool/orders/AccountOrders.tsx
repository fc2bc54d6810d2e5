import { Link } from "@tanstack/react-router";
import { tradingMembers } from "../../accounts/members.ts";
import type { Participant } from "../../accounts/names.ts";
import { whenTold } from "../../app/api/answer.ts";
import { useGet } from "../../app/api/useGet.ts";
import type { AccountCardProps } from "../../app/pageDomain.ts";
import { Card } from "../../app/parts/Card.tsx";
import { OrdersTable } from "./OrdersTable.tsx";

/** The orders of an account that has or had a meter, for its owner with a way to a new one; nothing for others. */
export function AccountOrders({ account, owner, during }: AccountCardProps) {
  const participant = useGet<Participant>(`/v1/participants/${account}`);
  const hadMeter = whenTold(
    participant,
    ({ members }) => members.some(({ meterId }) => meterId !== null),
    false,
  );
  if (!hadMeter) return null;
  const canOrder = whenTold(participant, (told) => tradingMembers(told).length > 0, false);
  return (
    <Card
      title={`${owner ? "My" : "Its"} orders, and what became of each`}
      aside={owner && canOrder ? <Link to="/order">new order</Link> : null}
    >
      <OrdersTable account={account} during={during} />
    </Card>
  );
}
