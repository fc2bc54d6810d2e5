import { Link } from "@tanstack/react-router";
import { isPaid } from "#domains/pool/rules/stage.ts";
import { whenTold } from "../../app/api/answer.ts";
import { useGet } from "../../app/api/useGet.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Price } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { type ProcessStep, Steps } from "../../app/parts/Steps.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { type Interval, useInterval } from "../interval.ts";
import { type Order, stateWords } from "./OrderState.tsx";
import type { SentOrder } from "./sendOrder.ts";

/** Follows an order from its receipt to its settlement, live. */
export function FollowOrder({
  sent,
  now,
  onAnother,
}: {
  sent: SentOrder;
  now: number;
  onAnother: () => void;
}) {
  const { orderId, wish, interval } = sent;
  const order = useOrder(sent);
  const cleared = order !== undefined && order.status !== "open" && order.status !== "submitted";
  const query = useInterval(cleared ? { areaId: sent.areaId, intervalId: interval.intervalId } : null);
  const formats = useFormats();
  return (
    <Card
      title={
        <>
          Your order: {wish.side === "bid" ? "buy" : "sell"} <Energy wh={wish.energyWh} form="fine" /> at{" "}
          <Price micro={wish.limitPriceMicroPerKwh} />
        </>
      }
      aside={`for ${formats.day(interval.startsAt)}, ${formats.span(interval.startsAt, interval.endsAt)}`}
      tone="good"
    >
      <OrderSteps
        sent={sent}
        now={now}
        order={cleared ? order : undefined}
        interval={whenTold(query, (told) => told, undefined)}
      />
      <div className="row">
        <Link to="/orders/$orderId" params={{ orderId }} className="button primary">
          {cleared ? "Why did this come of it?" : "See the order"}
        </Link>
        <button type="button" className="button" onClick={onAnother}>
          Another order
        </button>
      </div>
    </Card>
  );
}

/** From the list of the account, where an order is not missing while its book goes from the desk to the chain. */
function useOrder({ orderId, areaId, account, interval }: SentOrder): Order | undefined {
  const listed = useGet<{ orders: Order[] }>(
    `/v1/orders?areaId=${areaId}&intervalId=${interval.intervalId}&account=${account}`,
  );
  return whenTold(listed, ({ orders }) => orders.find((order) => order.orderId === orderId), undefined);
}

function OrderSteps({
  sent,
  now,
  order,
  interval,
}: {
  sent: SentOrder;
  now: number;
  /** Undefined until it is cleared or refused. */
  order: Order | undefined;
  interval: Interval | undefined;
}) {
  const { gateClosesAt, endsAt } = sent.interval;
  const { share } = useFormats();
  const isSettled = interval !== undefined && isPaid(interval.status);
  const steps: ProcessStep[] = [
    { title: "Received", isDone: true, children: <Time at={sent.receivedAt} form="withZone" /> },
    {
      title: now >= gateClosesAt ? "Gate closed" : "Gate closes",
      isDone: now >= gateClosesAt,
      children: <Time at={gateClosesAt} form="withZone" />,
    },
    {
      title: order?.status === "refused" ? "Refused" : "Cleared",
      isDone: order !== undefined,
      children:
        order === undefined ? (
          "when the gate has closed"
        ) : (
          <Cleared order={order} words={stateWords(order, share)} interval={interval} />
        ),
    },
    interval?.status === "returned"
      ? { title: "Given back", isDone: true, children: "no readings came in time, so that no trade counts" }
      : {
          title: "Settled",
          isDone: isSettled,
          children:
            isSettled && interval.settledAt !== null ? (
              <Time at={interval.settledAt} form="withZone" />
            ) : (
              <>
                against the meter, after <Time at={endsAt} form="time" />
              </>
            ),
        },
  ];
  return <Steps label="The way of your order" steps={steps} />;
}

function Cleared({
  order,
  words,
  interval,
}: {
  order: Order;
  words: string;
  interval: Interval | undefined;
}) {
  const price = interval?.clearingPriceMicroPerKwh ?? null;
  return (
    <>
      {words}
      {order.fillWh === null || order.fillWh === "0" ? null : (
        <>
          : <Energy wh={order.fillWh} form="fine" />
          {price === null ? null : (
            <>
              {" "}
              at <Price micro={price} />
            </>
          )}
        </>
      )}
    </>
  );
}
