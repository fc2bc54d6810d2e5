import {
  and,
  asc,
  between,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import { allOrders, clearingSteps, intervals, type orders, SEALED_ORDERS } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { groupsOfKey, readPage } from "#platform/store/sealed/heads.ts";
import { isBetweenIntervals, isNumbered } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";

/** An order with the transaction that submitted it; null when it was not submitted. */
export type OrderView = typeof orders.$inferSelect & { readonly transactionHash: string | null };

/** What became of an order whose gate is closed. */
export type ClosedOrderStatus = "submitted" | "unfilled" | "partlyFilled" | "filled" | "refused";

export type OrderFilter = {
  readonly areaId?: number | undefined;
  readonly intervalId?: number | undefined;
  readonly account?: number | undefined;
  readonly status?: ClosedOrderStatus | undefined;
  /** Of intervals that start in `[from, to)`, unix seconds. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

const HAS_STATUS = {
  submitted: and(isNull(allOrders.fillWh), isNull(allOrders.refusal)),
  unfilled: eq(allOrders.fillWh, 0),
  partlyFilled: and(gt(allOrders.fillWh, 0), lt(allOrders.fillWh, allOrders.energyWh)),
  filled: eq(allOrders.fillWh, allOrders.energyWh),
  refused: isNotNull(allOrders.refusal),
} as const satisfies Record<ClosedOrderStatus, SQL | undefined>;

/** Orders of closed books, latest interval first, then bids before offers, the best first, refused ones last. */
export async function listOrders(db: Queryable, filter: OrderFilter & Page): Promise<OrderView[]> {
  const { limit, offset, from, to, ...rest } = filter;
  const isTimed = from !== undefined || to !== undefined;
  const isDuring = isTimed ? isInSpans(await firstSpans(db, { from, to, count: ALL_INTERVALS })) : undefined;
  const read = (isNear?: SQL) =>
    select(db)
      .where(and(matches(rest), isDuring, isNear))
      .orderBy(
        desc(allOrders.intervalId),
        asc(allOrders.areaId),
        asc(allOrders.side),
        asc(allOrders.place),
        asc(allOrders.orderId),
      )
      .limit(limit)
      .offset(offset);
  if (rest.intervalId !== undefined) return read();
  const shared = { areaId: rest.areaId, account: rest.account };
  const page = { order: "newestGroups", shared, rows: offset + limit, limit } as const;
  return readPage(db, SEALED_ORDERS, page, read);
}

/** The book of an interval, as far as it is known: no order that the chain refused. */
export function listBook(
  db: Queryable,
  { areaId, intervalId, limit, offset }: { areaId: number; intervalId: number } & Page,
): Promise<OrderView[]> {
  return select(db)
    .where(and(matches({ areaId, intervalId }), isNull(allOrders.refusal)))
    .orderBy(asc(allOrders.side), asc(allOrders.place))
    .limit(limit)
    .offset(offset);
}

/** An order with the start of its interval, unix seconds. */
export type DatedOrder = OrderView & { readonly startsAt: number };

/** Orders of an account in closed books, of intervals that start in `[from, to)`, the oldest first, after one of them. */
export async function listOrdersAfter(
  db: Queryable,
  {
    account,
    after,
    limit,
    ...range
  }: StartRange & {
    account: number;
    after: Pick<DatedOrder, "startsAt" | "orderId"> | null;
    limit: number;
  },
): Promise<DatedOrder[]> {
  const rest = after === null ? range : { ...range, from: Math.max(range.from ?? 0, after.startsAt) };
  for (let count = limit; ; count *= GROWTH) {
    const spans = await firstSpans(db, { ...rest, count });
    const page = await db
      .select({ ...ORDER, startsAt: intervals.startsAt })
      .from(allOrders)
      .innerJoin(intervals, OF_INTERVAL)
      .leftJoin(clearingSteps, SUBMITTED_BY)
      .where(and(eq(allOrders.account, account), isInSpans(spans), after ? isAfter(after) : undefined))
      .orderBy(asc(intervals.startsAt), asc(allOrders.orderId))
      .limit(limit);
    const known = spans.reduce((sum, span) => sum + span.count, 0);
    if (page.length === limit || known < count) return page;
  }
}

/** Intervals that start in `[from, to)`, unix seconds. */
type StartRange = { readonly from: number | undefined; readonly to: number | undefined };

/** So many consecutive intervals of an area. */
type Span = {
  readonly areaId: number;
  readonly first: number;
  readonly last: number;
  readonly count: number;
};

/** How many times as many intervals are looked at when the orders of those so far don't fill a page. */
const GROWTH = 8;

/** More than an area ever has. */
const ALL_INTERVALS = 2 ** 32;

/** The first intervals of a range, by area: at least so many, if there are, and all that start together. */
async function firstSpans(
  db: Queryable,
  { from, to, count }: StartRange & { count: number },
): Promise<readonly Span[]> {
  const isInRange = and(
    from === undefined ? undefined : gte(intervals.startsAt, from),
    to === undefined ? undefined : lt(intervals.startsAt, to),
    sql`true`,
  );
  const { rows } = await db.execute<Record<keyof Span, unknown>>(sql`
    select "areaId", min("intervalId") as first, max("intervalId") as last, count(*) as count from (
      select "areaId", "intervalId" from ${intervals} where ${isInRange}
      order by "startsAt" fetch first (${count}::bigint) rows with ties
    ) as starts group by "areaId"`);
  return rows.map((row) => ({
    areaId: Number(row.areaId),
    first: Number(row.first),
    last: Number(row.last),
    count: Number(row.count),
  }));
}

function isInSpans(spans: readonly Span[]) {
  const areas = spans.map(({ areaId }) => areaId);
  // The ends of all spans besides: what is said of either span alone keeps no sealed row shut.
  const ends = {
    first: Math.min(...spans.map(({ first }) => first)),
    last: Math.max(...spans.map(({ last }) => last)),
  };
  const inSpans = spans.map(({ areaId, first, last }) =>
    and(eq(allOrders.areaId, areaId), between(allOrders.intervalId, first, last)),
  );
  if (spans.length === 0) return sql`false`;
  return and(
    inArray(allOrders.areaId, areas),
    isBetweenIntervals(allOrders, ends),
    spans.length === 1 ? undefined : or(...inSpans),
  );
}

function isAfter({ startsAt, orderId }: Pick<DatedOrder, "startsAt" | "orderId">) {
  return or(
    gt(intervals.startsAt, startsAt),
    and(eq(intervals.startsAt, startsAt), gt(allOrders.orderId, orderId)),
  );
}

export async function findOrder(db: Queryable, orderId: string): Promise<OrderView | null> {
  const groups = await groupsOfKey(db, SEALED_ORDERS, orderId);
  if (groups.length === 0) return null;
  const isThere = or(
    ...groups.map(({ areaId, groupNumber }) =>
      and(eq(allOrders.areaId, areaId), eq(allOrders.groupNumber, groupNumber)),
    ),
  );
  const [row] = await select(db).where(and(eq(allOrders.orderId, orderId), isThere));
  return row ?? null;
}

function matches({ areaId, intervalId, account, status }: Omit<OrderFilter, "from" | "to">): SQL | undefined {
  return and(
    areaId === undefined ? undefined : eq(allOrders.areaId, areaId),
    intervalId === undefined ? undefined : isNumbered(allOrders, intervalId),
    account === undefined ? undefined : eq(allOrders.account, account),
    status && HAS_STATUS[status],
  );
}

const ORDER = { ...tableColumns(allOrders), transactionHash: clearingSteps.transactionHash };

const OF_INTERVAL = and(
  eq(intervals.areaId, allOrders.areaId),
  eq(intervals.intervalId, allOrders.intervalId),
);

const SUBMITTED_BY = and(
  eq(clearingSteps.areaId, allOrders.areaId),
  eq(clearingSteps.intervalId, allOrders.intervalId),
  eq(clearingSteps.attempt, intervals.attempt),
  eq(clearingSteps.step, allOrders.step),
);

function select(db: Queryable) {
  return db
    .select(ORDER)
    .from(allOrders)
    .innerJoin(intervals, OF_INTERVAL)
    .leftJoin(clearingSteps, SUBMITTED_BY);
}
