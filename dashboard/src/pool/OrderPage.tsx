import "./orders/orders.css";
import type { z } from "zod";
import type { explanationWire } from "#domains/pool/wireExplanation.ts";
import { AccountLink } from "../accounts/AccountLink.tsx";
import { memberText } from "../accounts/members.ts";
import { useAddress } from "../app/address.ts";
import { whenTold } from "../app/api/answer.ts";
import { useGet } from "../app/api/useGet.ts";
import { Energy, Price } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Facts } from "../app/parts/Facts.tsx";
import { Hash } from "../app/parts/Hash.tsx";
import { Loaded } from "../app/parts/States.tsx";
import { Trail, useTrail } from "../app/parts/Trail.tsx";
import { IntervalLink } from "../metering/IntervalLink.tsx";
import { termsFor, usePoolAreas } from "./areas.ts";
import { type Order, OrderState } from "./orders/OrderState.tsx";
import { PriceScale } from "./orders/PriceScale.tsx";
import { FillBar, SharedLevel } from "./orders/SharedLevel.tsx";

type Explanation = z.infer<typeof explanationWire>;

/** "What became of it, and why?": the rule behind an order's fill, whom it shared with, and its way to the payment. */
export function OrderPage() {
  const { orderId } = useAddress("orderId");
  const query = useGet<Explanation>(`/v1/orders/${orderId}/explanation`);
  return (
    <div className="stack">
      <Loaded query={query} what="the order">
        {(explanation) => <Explained key={orderId} explanation={explanation} />}
      </Loaded>
    </div>
  );
}

function Explained({ explanation }: { explanation: Explanation }) {
  const { order, level } = explanation;
  const trail = useTrail(`/v1/orders/${order.orderId}/trail`);
  return (
    <>
      <header className="stack order-head">
        <h1>
          {order.side === "bid" ? "Bid to buy" : "Offer to sell"} <Energy wh={order.energyWh} form="fine" />
        </h1>
        <p>
          <AccountLink account={order.account} />, for{" "}
          <IntervalLink areaId={order.areaId} intervalId={order.intervalId} />
        </p>
      </header>
      <div className="columns columns-left columns-top">
        <div className="stack">
          <Answer explanation={explanation} />
          {level ? <SharedLevel level={level} ownId={order.orderId} /> : null}
          <Prices explanation={explanation} />
        </div>
        <div className="stack">
          <Card title="From signature to payment">
            <Loaded query={trail} what="the way of the order">
              {(loaded) => <Trail trail={loaded} />}
            </Loaded>
          </Card>
          <SignedOrder order={order} />
        </div>
      </div>
    </>
  );
}

function Answer({ explanation }: { explanation: Explanation }) {
  const { order, sentence, rule } = explanation;
  return (
    <Card title="What became of it, and why" aside={<OrderState order={order} />}>
      {order.fillWh === null ? null : <FillBar energyWh={order.energyWh} fillWh={order.fillWh} />}
      <p className="order-words">{sentence}</p>
      <p>
        <strong>The rule:</strong> {rule}
      </p>
    </Card>
  );
}

function Prices({ explanation }: { explanation: Explanation }) {
  const { order, clearing } = explanation;
  const area = whenTold(
    usePoolAreas(),
    ({ areas }) => areas.find(({ areaId }) => areaId === order.areaId),
    undefined,
  );
  if (!area) return null;
  const band = termsFor(area.versions, order.intervalId);
  return (
    <Card title="Its limit and the market">
      <PriceScale side={order.side} limit={order.limitPriceMicroPerKwh} clearing={clearing} band={band} />
    </Card>
  );
}

function SignedOrder({ order }: { order: Order }) {
  return (
    <Card title="What was signed">
      <Facts
        facts={[
          { name: "Order", value: <Hash value={order.orderId} /> },
          { name: "For", value: memberText(order) },
          { name: "Limit price", value: <Price micro={order.limitPriceMicroPerKwh} /> },
          { name: "Sequence", value: order.sequence },
          { name: "Signature", value: <Hash value={order.signature} /> },
          ...(order.signer ? [{ name: "Signed by", value: <Hash value={order.signer} /> }] : []),
          {
            name: "On the chain",
            value: order.transactionHash ? (
              <Hash value={order.transactionHash} to="transaction" />
            ) : (
              "not submitted: the verification does without it; the book’s root binds it"
            ),
          },
        ]}
      />
    </Card>
  );
}
