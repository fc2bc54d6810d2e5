import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  isNotNull,
  isNull,
  lt,
  or,
  type SQL,
} from "drizzle-orm";
import { clearingSteps, intervals, orders } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";

/** An order with the transaction that submitted it; null when it was not submitted. */
export type OrderView = typeof orders.$inferSelect & { readonly transactionHash: string | null };

/** What became of an order whose gate is closed. */
export type ClosedOrderStatus = "submitted" | "unfilled" | "partlyFilled" | "filled" | "refused";

export type OrderFilter = {
  readonly areaId?: number | undefined;
  readonly intervalId?: number | undefined;
  readonly account?: number | undefined;
  readonly status?: ClosedOrderStatus | undefined;
};

const HAS_STATUS = {
  submitted: and(isNull(orders.fillWh), isNull(orders.refusal)),
  unfilled: eq(orders.fillWh, 0),
  partlyFilled: and(gt(orders.fillWh, 0), lt(orders.fillWh, orders.energyWh)),
  filled: eq(orders.fillWh, orders.energyWh),
  refused: isNotNull(orders.refusal),
} as const satisfies Record<ClosedOrderStatus, SQL | undefined>;

/** Orders of closed books, latest interval first, then bids before offers, the best first, refused ones last. */
export function listOrders(db: Queryable, filter: OrderFilter & Page): Promise<OrderView[]> {
  const { limit, offset, ...rest } = filter;
  return select(db)
    .where(matches(rest))
    .orderBy(
      desc(orders.intervalId),
      asc(orders.areaId),
      asc(orders.side),
      asc(orders.place),
      asc(orders.orderId),
    )
    .limit(limit)
    .offset(offset);
}

/** The book of an interval, as far as it is known: no order that the chain refused. */
export function listBook(
  db: Queryable,
  { areaId, intervalId, limit, offset }: { areaId: number; intervalId: number } & Page,
): Promise<OrderView[]> {
  return select(db)
    .where(and(matches({ areaId, intervalId }), isNull(orders.refusal)))
    .orderBy(asc(orders.side), asc(orders.place))
    .limit(limit)
    .offset(offset);
}

/** An order with the start of its interval, unix seconds. */
export type DatedOrder = OrderView & { readonly startsAt: number };

/** Orders of an account in closed books, of intervals that start in `[from, to)`, the oldest first, after one of them. */
export function listOrdersAfter(
  db: Queryable,
  {
    account,
    from,
    to,
    after,
    limit,
  }: {
    account: number;
    from: number | undefined;
    to: number | undefined;
    after: Pick<DatedOrder, "startsAt" | "orderId"> | null;
    limit: number;
  },
): Promise<DatedOrder[]> {
  const isLater =
    after &&
    or(
      gt(intervals.startsAt, after.startsAt),
      and(eq(intervals.startsAt, after.startsAt), gt(orders.orderId, after.orderId)),
    );
  return db
    .select({ ...ORDER, startsAt: intervals.startsAt })
    .from(orders)
    .innerJoin(intervals, OF_INTERVAL)
    .leftJoin(clearingSteps, SUBMITTED_BY)
    .where(
      and(
        eq(orders.account, account),
        from === undefined ? undefined : gte(intervals.startsAt, from),
        to === undefined ? undefined : lt(intervals.startsAt, to),
        isLater ?? undefined,
      ),
    )
    .orderBy(asc(intervals.startsAt), asc(orders.orderId))
    .limit(limit);
}

export async function findOrder(db: Queryable, orderId: string): Promise<OrderView | null> {
  const [row] = await select(db).where(eq(orders.orderId, orderId));
  return row ?? null;
}

function matches({ areaId, intervalId, account, status }: OrderFilter): SQL | undefined {
  return and(
    areaId === undefined ? undefined : eq(orders.areaId, areaId),
    intervalId === undefined ? undefined : eq(orders.intervalId, intervalId),
    account === undefined ? undefined : eq(orders.account, account),
    status && HAS_STATUS[status],
  );
}

const ORDER = { ...getTableColumns(orders), transactionHash: clearingSteps.transactionHash };

const OF_INTERVAL = and(eq(intervals.areaId, orders.areaId), eq(intervals.intervalId, orders.intervalId));

const SUBMITTED_BY = and(
  eq(clearingSteps.areaId, orders.areaId),
  eq(clearingSteps.intervalId, orders.intervalId),
  eq(clearingSteps.attempt, intervals.attempt),
  eq(clearingSteps.step, orders.step),
);

function select(db: Queryable) {
  return db
    .select(ORDER)
    .from(orders)
    .innerJoin(intervals, OF_INTERVAL)
    .leftJoin(clearingSteps, SUBMITTED_BY);
}
