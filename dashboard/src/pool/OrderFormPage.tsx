import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { z } from "zod";
import type { pricesWire } from "#domains/pool/wire.ts";
import { marginIn } from "../accounts/marginIn.ts";
import type { Participant } from "../accounts/names.ts";
import type { Session, SessionState } from "../app/api/session.ts";
import { useGet } from "../app/api/useGet.ts";
import { Card } from "../app/parts/Card.tsx";
import { Failure, Loading, Notice } from "../app/parts/States.tsx";
import { SignInHere } from "../app/wallet/SignInHere.tsx";
import { useIdentity } from "../app/wallet/useIdentity.ts";
import { usePoolAreas } from "./areas.ts";
import { FollowOrder } from "./orders/FollowOrder.tsx";
import { OrderForm } from "./orders/OrderForm.tsx";
import type { Order } from "./orders/OrderState.tsx";
import { OrdersTable } from "./orders/OrdersTable.tsx";
import type { SentOrder } from "./orders/sendOrder.ts";

const MAX_OPEN_ORDERS = 500;

/** "I want to sell at 0.20": signs an order with the wallet and follows it to its fill. */
export function OrderFormPage() {
  const { state, session } = useIdentity();
  return (
    <div className="stack">
      <h1>New order</h1>
      {state === undefined ? <Loading what="who you are" /> : <Reader state={state} session={session} />}
    </div>
  );
}

function Reader({ state, session }: { state: SessionState; session: Session | null }) {
  if (session === null) return <SignInHere what="your limits and send an order" />;
  if (session.account === null || session.areaId === null)
    return (
      <Notice tone="watch">
        <p>
          {session.name ?? "This address"} has no meter in a market area, and so nothing to trade. Homes order
          here; what became of all orders stands with each <Link to="/">interval</Link>.
        </p>
      </Notice>
    );
  const { account, areaId } = session;
  return <Ordering key={account} state={state} session={session} account={account} areaId={areaId} />;
}

function Ordering({
  state,
  session,
  account,
  areaId,
}: {
  state: SessionState;
  session: Session;
  account: number;
  areaId: number;
}) {
  const prices = useGet<z.infer<typeof pricesWire>>("/v1/prices");
  const areas = usePoolAreas();
  const participant = useGet<Participant>(`/v1/participants/${account}`);
  const open = useGet<{ orders: Order[] }>(
    `/v1/participants/${account}/orders?status=open&limit=${MAX_OPEN_ORDERS}`,
  );
  const [sent, setSent] = useState<SentOrder | null>(null);
  const area = areas.data?.areas.find((each) => each.areaId === areaId);
  const error = prices.error ?? areas.error ?? participant.error ?? open.error;
  if (!prices.data || !area || !participant.data || !open.data)
    return error ? <Failure error={error} what="the market" /> : <Loading what="the market" />;
  const { now, clockSpeed: speed } = prices.data;
  const ordering = {
    ...{ state, session, account, area, now, speed },
    marginMicro: BigInt(marginIn(participant.data, state.chain.contracts.poolMarket)),
    openOrders: open.data.orders,
  };
  return (
    <>
      {sent ? (
        <FollowOrder sent={sent} now={now} onAnother={() => setSent(null)} />
      ) : (
        <OrderForm ordering={ordering} onSent={setSent} />
      )}
      {state.demonstration ? (
        <p className="quiet small">
          In this demonstration the homes also order by themselves. Your order comes on top of what the home’s
          own agent signs, and its meter does not know of it.
        </p>
      ) : null}
      <Card title="My orders, and what became of each">
        <OrdersTable account={account} />
      </Card>
    </>
  );
}
