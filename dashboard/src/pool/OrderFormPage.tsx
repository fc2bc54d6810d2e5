import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { z } from "zod";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import type { pricesWire } from "#domains/pool/wire.ts";
import { MemberChoice } from "../accounts/MemberChoice.tsx";
import { marginIn } from "../accounts/marginIn.ts";
import { type Member, memberText, tradingMembers } from "../accounts/members.ts";
import type { Participant } from "../accounts/names.ts";
import { useHouse } from "../accounts/useHouse.ts";
import { type Answer, together } from "../app/api/answer.ts";
import type { Session, SessionState } from "../app/api/session.ts";
import { useGet } from "../app/api/useGet.ts";
import { Card } from "../app/parts/Card.tsx";
import { Loaded, Loading, Notice } from "../app/parts/States.tsx";
import { SignInHere } from "../app/wallet/SignInHere.tsx";
import { useIdentity } from "../app/wallet/useIdentity.ts";
import { type Area, usePoolAreas } from "./areas.ts";
import { FollowOrder } from "./orders/FollowOrder.tsx";
import { HomeAgent } from "./orders/HomeAgent.tsx";
import { OrderForm } from "./orders/OrderForm.tsx";
import type { Order } from "./orders/OrderState.tsx";
import { OrdersTable } from "./orders/OrdersTable.tsx";
import { PricesBefore } from "./orders/PricesBefore.tsx";
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
  if (session.account === null) return <NothingToTrade session={session} />;
  return <Ordering key={session.account} state={state} session={session} account={session.account} />;
}

function NothingToTrade({ session }: { session: Session }) {
  return (
    <Notice tone="watch">
      <p>
        {session.name ?? "This address"} has no meter in a market area, and so nothing to trade. Homes order
        here; what became of all orders stands with each <Link to="/">interval</Link>.
      </p>
    </Notice>
  );
}

/** Who orders. */
type Orderer = { readonly state: SessionState; readonly session: Session; readonly account: number };

function Ordering(orderer: Orderer) {
  const market = useMarket(orderer.account);
  return (
    <Loaded query={market} what="the market">
      {(told) => <OrderingNow {...orderer} market={told} />}
    </Loaded>
  );
}

function OrderingNow({ market, ...orderer }: Orderer & { market: MarketNow }) {
  const [chosen, setChosen] = useState<Member | null>(null);
  const members = tradingMembers(market.participant);
  const isChosen = ({ areaId, member }: Member) => areaId === chosen?.areaId && member === chosen.member;
  const member = members.find(isChosen) ?? members[0];
  if (member === undefined) return <NothingToTrade session={orderer.session} />;
  return (
    <>
      <MemberChoice
        label="Metering point that trades"
        members={members}
        chosen={member}
        onChoose={setChosen}
      />
      <div className="columns columns-top">
        {market.areas.areas.some(({ areaId }) => areaId === member.areaId) ? (
          <PricesBefore
            areaId={member.areaId}
            prices={market.prices.areas.find(({ areaId }) => areaId === member.areaId)}
          />
        ) : null}
        <HomeAgent key={memberText(member)} account={orderer.account} member={member} />
      </div>
      <MemberOrdering key={memberText(member)} {...orderer} member={member} market={market} />
      {orderer.state.demonstration ? (
        <p className="quiet small">
          In this demonstration the homes also order by themselves. Your order comes on top of what the home’s
          own agent signs, and its meter does not know of it.
        </p>
      ) : null}
      <Card title="My orders, and what became of each">
        <OrdersTable account={orderer.account} />
      </Card>
    </>
  );
}

/** What an order is made against: the market's clock, the areas' rules, and the account with its open orders. */
type MarketNow = {
  readonly prices: z.infer<typeof pricesWire>;
  readonly areas: { readonly areas: readonly Area[] };
  readonly participant: Participant;
  readonly open: { readonly orders: readonly Order[] };
};

function useMarket(account: number): Answer<MarketNow> {
  const prices = useGet<z.infer<typeof pricesWire>>("/v1/prices");
  const areas = usePoolAreas();
  const participant = useGet<Participant>(`/v1/participants/${account}`);
  const open = useGet<{ orders: Order[] }>(
    `/v1/participants/${account}/orders?status=open&limit=${MAX_OPEN_ORDERS}`,
  );
  return together<MarketNow>({ prices, areas, participant, open });
}

/** Orders for one metering point. */
function MemberOrdering({ member, market, ...orderer }: Orderer & { member: Member; market: MarketNow }) {
  const [sent, setSent] = useState<SentOrder | null>(null);
  const { state, session } = orderer;
  const { poolMarket } = state.chain.contracts;
  const house = useHouse(state, {
    address: session.address,
    market: poolMarket ?? "",
    seat: seatOf(member),
  });
  const { prices, participant } = market;
  const area = market.areas.areas.find(({ areaId }) => areaId === member.areaId);
  if (area === undefined)
    return <Notice tone="watch">No market is held in area {member.areaId} so far.</Notice>;
  const isOwn = (order: Order) => order.areaId === member.areaId && order.member === member.member;
  const { now, clockSpeed: speed } = prices;
  const ordering = {
    ...orderer,
    ...{ member, area, now, speed },
    marginMicro: BigInt(marginIn(participant, { market: poolMarket, ...member })),
    openOrders: market.open.orders.filter(isOwn),
  };
  if (sent) return <FollowOrder sent={sent} now={now} onAnother={() => setSent(null)} />;
  return (
    <Loaded query={house} what="what your margin covers">
      {({ notice }) => <OrderForm ordering={{ ...ordering, notice }} onSent={setSent} />}
    </Loaded>
  );
}
