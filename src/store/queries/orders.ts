import { and, asc, desc, eq, getTableColumns } from "drizzle-orm";
import type { Queryable } from "../openStore.ts";
import { clearingSteps, orders } from "../schema.ts";
import type { Page } from "./page.ts";

/** An order of a submitted book, with the transaction that submitted it. */
export type OrderView = typeof orders.$inferSelect & { readonly transactionHash: string };

export type OrderFilter = {
  readonly areaId?: number | undefined;
  readonly intervalId?: number | undefined;
  readonly account?: number | undefined;
};

/** Submitted orders, latest interval first, then bids before offers, the best first. */
export function listOrders(db: Queryable, filter: OrderFilter & Page): Promise<OrderView[]> {
  const { areaId, intervalId, account, limit, offset } = filter;
  return select(db)
    .where(
      and(
        areaId === undefined ? undefined : eq(orders.areaId, areaId),
        intervalId === undefined ? undefined : eq(orders.intervalId, intervalId),
        account === undefined ? undefined : eq(orders.account, account),
      ),
    )
    .orderBy(desc(orders.intervalId), asc(orders.areaId), asc(orders.side), asc(orders.place))
    .limit(limit)
    .offset(offset);
}

export async function findOrder(db: Queryable, orderId: string): Promise<OrderView | null> {
  const [row] = await select(db).where(eq(orders.orderId, orderId));
  return row ?? null;
}

function select(db: Queryable) {
  return db
    .select({ ...getTableColumns(orders), transactionHash: clearingSteps.transactionHash })
    .from(orders)
    .innerJoin(
      clearingSteps,
      and(
        eq(clearingSteps.areaId, orders.areaId),
        eq(clearingSteps.intervalId, orders.intervalId),
        eq(clearingSteps.step, orders.step),
      ),
    );
}
