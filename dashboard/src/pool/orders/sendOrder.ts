import type { z } from "zod";
import type { receiptWire } from "#domains/pool/wire.ts";
import type { Member } from "../../accounts/members.ts";
import { getJson, sendJson } from "../../app/api/getJson.ts";
import type { SessionState } from "../../app/api/session.ts";
import type { Order } from "./OrderState.tsx";
import { freeSequence, type OpenInterval } from "./openIntervals.ts";
import type { PricedWish } from "./worstCase.ts";

/** An order that the desk has accepted. */
export type SentOrder = {
  readonly orderId: string;
  readonly receivedAt: number;
  readonly areaId: number;
  /** Whose orders it is listed with. */
  readonly account: number;
  readonly interval: OpenInterval;
  readonly wish: PricedWish;
};

export type OrderToSend = {
  readonly state: SessionState;
  readonly account: number;
  /** The account's metering point that trades. */
  readonly member: Pick<Member, "areaId" | "member">;
  readonly wish: PricedWish;
  readonly interval: OpenInterval;
};

const MAX_OPEN_ORDERS = 500;

/** Lets the wallet sign an order and hands it to the desk. Open orders are asked anew: a form is filled slowly. */
export async function sendOrder(toSend: OrderToSend): Promise<SentOrder> {
  const { state, account, wish, interval } = toSend;
  const { areaId, member } = toSend.member;
  const order = {
    areaId,
    intervalId: interval.intervalId,
    member,
    side: wish.side,
    limitPriceMicroPerKwh: Number(wish.limitPriceMicroPerKwh),
    energyWh: Number(wish.energyWh),
  };
  const sequence = freeSequence(await openOrders(account), order);
  if (sequence === null) throw new Error("this price has as many orders of yours as an interval takes");
  const { signOrder } = await import("./signOrder.ts");
  const signature = await signOrder(state, { ...order, sequence }, interval.gateClosesAt);
  const receipt = await sendJson<z.infer<typeof receiptWire>>("POST", "/v1/orders", {
    ...order,
    sequence,
    signature,
  });
  return { ...receipt, areaId, account, interval, wish };
}

async function openOrders(account: number): Promise<Order[]> {
  const path = `/v1/participants/${account}/orders?status=open&limit=${MAX_OPEN_ORDERS}`;
  return (await getJson<{ orders: Order[] }>(path)).orders;
}
