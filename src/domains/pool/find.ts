import type { Hit, Lookup } from "#platform/api/lookup.ts";
import { MAX_HITS } from "#platform/api/lookup.ts";
import { MAX_INTERVAL } from "#platform/api/wire.ts";
import { accountWords, areaWords, intervalWords } from "#platform/api/words.ts";
import { findInterval, type IntervalView, listIntervalsNumbered } from "./queries/intervals.ts";
import { findOrdersInShort } from "./queries/ordersInShort.ts";
import { orderWords } from "./routes/marketWords.ts";
import { lookUpOrder } from "./routes/orders.ts";
import type { PoolContext } from "./routes/poolContext.ts";

/** Orders by their id; intervals by their place, or by their number in any area. */
export async function findInPool(context: PoolContext, lookup: Lookup): Promise<Hit[]> {
  const { db } = context.store;
  if (lookup.form === "hash") return findOrderHit(context, lookup.hash, lookup);
  if (lookup.form === "shortHash") {
    const hits: Hit[] = [];
    for (const id of await findOrdersInShort(db, { ...lookup, limit: MAX_HITS }))
      hits.push(...(await findOrderHit(context, id, lookup)));
    return hits;
  }
  if (lookup.form === "interval") {
    const interval = await findInterval(db, lookup);
    return interval ? [intervalHit(context, interval)] : [];
  }
  if (lookup.form !== "number" || lookup.number > MAX_INTERVAL) return [];
  const found = await listIntervalsNumbered(db, { intervalId: lookup.number, limit: MAX_HITS });
  return found.map((interval) => intervalHit(context, interval));
}

async function findOrderHit(
  context: PoolContext,
  orderId: string,
  { names, request }: Lookup,
): Promise<Hit[]> {
  const order = (await lookUpOrder(context, request, orderId))?.body;
  if (!order) return [];
  const title = `${orderWords(order, context.currency)} of ${accountWords(names, order.account)} for interval ${order.intervalId}`;
  return [{ kind: "order", id: orderId, title }];
}

function intervalHit(
  context: PoolContext,
  { areaId, intervalId, startsAt, stage }: Omit<IntervalView, "gasUsed">,
): Hit {
  const words = intervalWords(context, { intervalId, startsAt });
  const title = `${words} of ${areaWords(context, areaId)}: ${stage}`;
  return { kind: "interval", id: `${areaId}/${intervalId}`, title };
}
