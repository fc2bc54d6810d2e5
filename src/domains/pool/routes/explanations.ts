import type { z } from "zod";
import { termsAt } from "#domains/pool/queries/areas.ts";
import { findInterval, type IntervalView } from "#domains/pool/queries/intervals.ts";
import type { OrderView } from "#domains/pool/queries/orders.ts";
import { findBestOrder, findOutcome, type LevelOrder, listLevel } from "#domains/pool/queries/reasons.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import { auctionRationing } from "#domains/pool/rules/energyRationing.ts";
import { auctionOrder } from "#domains/pool/rules/order.ts";
import type { OrderReason } from "#domains/pool/rules/orderReason.ts";
import { orderParams } from "#domains/pool/wire.ts";
import { explanationWire } from "#domains/pool/wireExplanation.ts";
import { type ClearedLevel, explainFill, type FilledOrder } from "#kernel/auction/explainFill.ts";
import { present } from "#kernel/units/assert.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { orNull } from "#platform/api/decimalText.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { MAX_LIMIT } from "#platform/api/wire.ts";
import { requireArea } from "./areas.ts";
import { explainOrder } from "./explainOrder.ts";
import { requireOrder } from "./orders.ts";
import type { PoolContext } from "./poolContext.ts";

/** Why an order got what it got, in numbers, with the rule and the orders that shared its price. */
export function addExplanations(app: Api, context: PoolContext): void {
  app.get(
    "/v1/orders/:orderId/explanation",
    {
      schema: {
        params: orderParams,
        ...describeRoute("orders", "What became of an order, and why", { body: explanationWire }),
      },
    },
    async (request) => explanationOf(context, await requireOrder(context, request, request.params.orderId)),
  );
}

async function explanationOf(
  context: PoolContext,
  { body, closed }: Awaited<ReturnType<typeof requireOrder>>,
): Promise<z.infer<typeof explanationWire>> {
  const terms = termsAt(await requireArea(context, body.areaId), body.intervalId);
  const interval = closed && (await findInterval(context.store.db, closed));
  const cleared = closed && interval ? await clearedOrder(context, closed) : null;
  const reason: OrderReason =
    closed === null
      ? { kind: "open", gateClosesAt: gateClosesAt(body.intervalId, terms) }
      : (cleared?.reason ?? uncleared(closed, { startsAt: interval?.startsAt ?? 0, now: context.now() }));
  const words = explainOrder({
    side: body.side,
    limitPriceMicroPerKwh: Number(body.limitPriceMicroPerKwh),
    energyWh: Number(body.energyWh),
    fillWh: closed?.fillWh ?? null,
    exactPayment: closed?.exactPayment ?? null,
    reason,
    pricing: interval?.pricing ?? terms.pricing,
    isGivenBack: interval?.stage === "returned",
    attempt: interval?.attempt ?? 0,
    isSupplied: interval?.isSupplied ?? true,
    timeZone: context.timeZone,
    currency: context.currency,
  });
  return {
    order: body,
    ...words,
    clearing: cleared && interval ? clearingBody(interval, cleared.margins) : null,
    level: reason.kind === "shared" && cleared ? levelBody(reason, cleared.level) : null,
    side: body.side,
  };
}

/** An order in no complete clearing; one that no step brought was in one that was given up. */
function uncleared(
  { refusal, step }: OrderView,
  { startsAt, now }: { startsAt: number; now: number },
): OrderReason {
  if (refusal !== null) return { kind: "refused", refusal };
  return step === null ? { kind: "abandoned", isOver: startsAt <= now } : { kind: "submitted" };
}

type Margins = ClearedLevel["clearing"];

/** The order among those at its price; null when it is in no complete clearing. */
async function clearedOrder({ store: { db } }: PoolContext, order: OrderView) {
  const outcome = await findOutcome(db, order);
  if (outcome === null || order.fillWh === null) return null;
  const level = await listLevel(db, order);
  const best = await findBestOrder(db, { ...order, side: order.side === "bid" ? "offer" : "bid" });
  const margins = marginsOf(outcome);
  const orders = [...level, ...(best ? [best] : [])].map(filledOrder);
  const own = present(
    level.find(({ orderId }) => orderId === order.orderId),
    "an order among those at its price",
  );
  return { margins, level, reason: explainFill({ clearing: margins, orders }, filledOrder(own)) };
}

/** Where nothing was traded, the declared prices are 0 and mean nothing. */
function marginsOf({ marginalBid, marginalOffer, bids, offers }: DeclaredOutcome): Margins {
  const hasTraded = bids.filledWh > 0;
  return {
    marginalBidMicroPerThousand: hasTraded ? marginalBid : null,
    marginalOfferMicroPerThousand: hasTraded ? marginalOffer : null,
    bidRationing: auctionRationing(bids),
    offerRationing: auctionRationing(offers),
  };
}

function filledOrder({ member, fillWh, ...order }: LevelOrder): FilledOrder {
  return { ...auctionOrder({ ...order, participant: member }), fill: fillWh ?? 0 };
}

function clearingBody({ clearingPriceMicroPerKwh }: IntervalView, margins: Margins) {
  return {
    clearingPriceMicroPerKwh: orNull(
      margins.marginalBidMicroPerThousand === null ? null : clearingPriceMicroPerKwh,
    ),
    marginalBidMicroPerKwh: orNull(margins.marginalBidMicroPerThousand),
    marginalOfferMicroPerKwh: orNull(margins.marginalOfferMicroPerThousand),
  };
}

function levelBody(
  {
    level: { levelQuantity: levelWh, filledQuantity: filledWh, participants },
  }: Extract<OrderReason, { kind: "shared" }>,
  orders: readonly LevelOrder[],
) {
  return {
    levelWh: String(levelWh),
    filledWh: String(filledWh),
    share: filledWh / levelWh,
    participants,
    orders: orders.slice(0, MAX_LIMIT).map(({ orderId, member, account, energyWh, fillWh, sequence }) => ({
      orderId,
      member,
      account,
      energyWh: String(energyWh),
      fillWh: String(fillWh ?? 0),
      sequence,
    })),
  };
}
