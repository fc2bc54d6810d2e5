import { refusalText } from "#domains/accounts/rules/refusalText.ts";
import { findOwed } from "#domains/billing/queries/concerns.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { startsAt } from "#kernel/units/interval.ts";
import {
  type Concern,
  type ConcernAsked,
  type ConcernReport,
  incidentsOf,
  NO_PLACE,
} from "#platform/api/concerns.ts";
import { capital, countWords, intervalWords } from "#platform/api/words.ts";
import type { Incident } from "#platform/runtime/incidents.ts";
import { listAreas } from "./queries/areas.ts";
import { listOrders } from "./queries/orders.ts";
import { orderWords } from "./routes/marketWords.ts";
import type { PoolContext } from "./routes/poolContext.ts";

/** Refused orders that are told of; they repeat the same cause. */
const MAX_REFUSED = 10;

/** Orders that somebody sent in an account's name, orders that were refused, and what was sold and not delivered. */
export async function poolConcerns(context: PoolContext, asked: ConcernAsked): Promise<ConcernReport> {
  const now = Math.floor(context.now());
  return {
    lookedAt: [{ what: "orders in your name, and what deviations cost", until: now }],
    concerns: [
      ...refusedAtDesk(context, asked),
      ...(await refusedByChain(context, asked)),
      ...(await shortfallCost(context, asked)),
    ],
  };
}

function refusedAtDesk({ incidents }: PoolContext, asked: ConcernAsked): Concern[] {
  return incidentsOf(incidents, "refusedOrder", asked).map((incident) =>
    incident.reason === "invalidSignature" ? forgedOrder(incident) : refusedOrder(incident),
  );
}

function forgedOrder(incident: Incident): Concern {
  const { intervalId, count } = incident;
  return {
    ...placeOf(incident),
    kind: "forgedOrder",
    severity: "act",
    title: "Somebody tried to trade in your name",
    detail: `An order for interval ${intervalId} was refused${timesWords(count)}: it is not signed by the key that signs for you. It took part in nothing and cost nothing.`,
    whatToDo:
      "If you changed your key or your wallet lately, that was you: sign again. If not, tell the operator.",
  };
}

function refusedOrder(incident: Incident): Concern {
  const { count, sentence } = incident;
  return {
    ...placeOf(incident),
    kind: "refusedOrder",
    severity: "watch",
    title: "An order of yours was refused",
    detail: `${capital(sentence)}${timesWords(count)}. It took part in nothing.`,
    whatToDo: "Send another one if you still want to trade then.",
  };
}

function placeOf({ at, areaId, intervalId, orderId }: Incident) {
  return { ...NO_PLACE, since: at, areaId, intervalId, orderId };
}

function timesWords(count: number): string {
  return count > 1 ? ` (${countWords(count, "time")}, this one the last)` : "";
}

async function refusedByChain(
  context: PoolContext,
  { account, areaIds, from }: ConcernAsked,
): Promise<Concern[]> {
  const areas = new Map((await listAreas(context.store.db)).map((area) => [area.areaId, area]));
  const page = { limit: MAX_REFUSED, offset: 0 };
  const orders = await listOrders(context.store.db, { account, status: "refused", ...page });
  return orders.flatMap((order) => {
    const { areaId, intervalId, orderId, refusal } = order;
    const area = areas.get(areaId);
    if (!area || (areaIds !== undefined && !areaIds.includes(areaId))) return [];
    const since = startsAt(intervalId, area.intervalSeconds);
    if (since < from) return [];
    const isMargin = refusal === "MarginsFallShort";
    return [
      {
        ...NO_PLACE,
        kind: "refusedOrder",
        severity: isMargin ? ("act" as const) : ("watch" as const),
        since,
        title: "The chain refused an order of yours",
        detail: `${capital(orderWords(order, context.currency))} for ${intervalWords(context, { intervalId, startsAt: since })} was left out, since ${refusalText(refusal ?? "nothing")}.`,
        whatToDo: isMargin
          ? "Add margin below: what is there does not cover the order at its worst."
          : "Look into the reason; the order took part in nothing.",
        ...{ areaId, intervalId, orderId },
      },
    ];
  });
}

async function shortfallCost(context: PoolContext, asked: ConcernAsked): Promise<Concern[]> {
  const owed = await findOwed(context.store.db, { ...asked, kind: "pool.shortfall" });
  if (owed === null) return [];
  const { count, firstAt, amountMicro, energyWh, areaId, intervalId } = owed;
  return [
    {
      ...NO_PLACE,
      kind: "shortfall",
      severity: "watch",
      since: firstAt,
      title: "You sold energy that you did not deliver",
      detail: `${formatKwh(energyWh)} kWh in ${countWords(count, "interval")} came from the supplier in your place, and you paid for that.`,
      whatToDo:
        "Offer less than you expect to have, or let your home’s agent be more careful. The link leads to the dearest interval.",
      costMicro: String(amountMicro),
      areaId,
      intervalId,
    },
  ];
}
