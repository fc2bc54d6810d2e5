import { and, eq, or } from "drizzle-orm";
import { allOrders, orders, SEALED_ORDERS } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { isInShort, type ShortHash } from "#platform/store/queries/shortHash.ts";
import { groupsOfShortKeys } from "#platform/store/sealed/heads.ts";

/** Ids of orders that begin and end so, of days that are sealed too; at most `limit`. */
export async function findOrdersInShort(
  db: Queryable,
  { limit, ...short }: ShortHash & { readonly limit: number },
): Promise<string[]> {
  const live = await db
    .select({ orderId: orders.orderId })
    .from(orders)
    .where(isInShort(orders.orderId, short))
    .limit(limit);
  const groups = await groupsOfShortKeys(db, SEALED_ORDERS, { ...short, limit });
  if (groups.length === 0) return live.map(({ orderId }) => orderId);
  const isOfGroup = or(
    ...groups.map(({ areaId, groupNumber }) =>
      and(eq(allOrders.areaId, areaId), eq(allOrders.groupNumber, groupNumber)),
    ),
  );
  const sealed = await db
    .select({ orderId: allOrders.orderId })
    .from(allOrders)
    .where(and(isOfGroup, isInShort(allOrders.orderId, short)))
    .limit(limit);
  return [...new Set([...live, ...sealed].map(({ orderId }) => orderId))].slice(0, limit);
}
