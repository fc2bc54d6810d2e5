import { and, asc, desc, eq, getTableColumns, inArray, isNotNull, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import { clearingSteps, intervals, orders } from "#domains/pool/tables.ts";
import type { Side } from "#kernel/auction/order.ts";
import type { Queryable } from "#platform/store/openStore.ts";

type IntervalKey = { readonly areaId: number; readonly intervalId: number };

/**
 * An interval with what its book left over: whether there were orders, and the limit price of the best order of each side
 * that was not filled whole; null when all were. Micro per kWh.
 */
export type MarketView = typeof intervals.$inferSelect & {
  readonly hasBids: boolean;
  readonly hasOffers: boolean;
  readonly bestBidLeftMicroPerKwh: number | null;
  readonly bestOfferLeftMicroPerKwh: number | null;
};

/** The intervals of some lines of a bill, at most a page of them, in no order. */
export function listMarkets(db: Queryable, keys: readonly IntervalKey[]): Promise<MarketView[]> {
  if (keys.length === 0) return Promise.resolve([]);
  return db
    .select({
      ...getTableColumns(intervals),
      hasBids: hasOrders("bid"),
      hasOffers: hasOrders("offer"),
      bestBidLeftMicroPerKwh: bestLeft("bid"),
      bestOfferLeftMicroPerKwh: bestLeft("offer"),
    })
    .from(intervals)
    .where(isAmong(intervals, keys));
}

/** An account's orders in some intervals, at most a page of them, refused ones among them. */
export function listOrdersOf(
  db: Queryable,
  { account, keys }: { account: number; keys: readonly IntervalKey[] },
): Promise<(typeof orders.$inferSelect)[]> {
  if (keys.length === 0) return Promise.resolve([]);
  return db
    .select()
    .from(orders)
    .where(and(eq(orders.account, account), isAmong(orders, keys)));
}

/** An order at one price of a cleared book. */
export type LevelOrder = {
  readonly orderId: string;
  readonly member: number;
  readonly account: number;
  readonly side: Side;
  readonly limitPriceMicroPerKwh: number;
  readonly energyWh: number;
  readonly fillWh: number | null;
  readonly sequence: number;
};

const LEVEL_ORDER = {
  orderId: orders.orderId,
  member: orders.member,
  account: orders.account,
  side: orders.side,
  limitPriceMicroPerKwh: orders.limitPriceMicroPerKwh,
  energyWh: orders.energyWh,
  fillWh: orders.fillWh,
  sequence: orders.sequence,
};

/** All orders of one side of a book at one price, in merit order: as many as the desk takes for a book. */
export function listLevel(
  db: Queryable,
  key: IntervalKey & Pick<LevelOrder, "side" | "limitPriceMicroPerKwh">,
): Promise<LevelOrder[]> {
  return db
    .select(LEVEL_ORDER)
    .from(orders)
    .where(
      and(onSide(key), eq(orders.limitPriceMicroPerKwh, key.limitPriceMicroPerKwh), isNotNull(orders.place)),
    )
    .orderBy(asc(orders.place));
}

/** The best order of a side; null when there is none. */
export async function findBestOrder(
  db: Queryable,
  key: IntervalKey & { readonly side: Side },
): Promise<LevelOrder | null> {
  const [row] = await db
    .select(LEVEL_ORDER)
    .from(orders)
    .where(and(onSide(key), eq(orders.place, BEST_PLACE)));
  return row ?? null;
}

/** The orders of one side of a book. */
function onSide({ areaId, intervalId, side }: IntervalKey & { readonly side: Side }) {
  return and(eq(orders.areaId, areaId), eq(orders.intervalId, intervalId), eq(orders.side, side));
}

const BEST_PLACE = 0;

/** What the operator declared of the last clearing, as far as it is on the chain; null before its first step. */
export async function findOutcome(
  db: Queryable,
  { areaId, intervalId }: IntervalKey,
): Promise<DeclaredOutcome | null> {
  const [row] = await db
    .select({ outcome: clearingSteps.outcome })
    .from(clearingSteps)
    .where(and(eq(clearingSteps.areaId, areaId), eq(clearingSteps.intervalId, intervalId)))
    .orderBy(desc(clearingSteps.attempt))
    .limit(1);
  return row ? (JSON.parse(row.outcome) as DeclaredOutcome) : null;
}

function isAmong(table: { areaId: PgColumn; intervalId: PgColumn }, keys: readonly IntervalKey[]) {
  return and(
    inArray(table.areaId, [...new Set(keys.map(({ areaId }) => areaId))]),
    inArray(table.intervalId, [...new Set(keys.map(({ intervalId }) => intervalId))]),
  );
}

/** An order of the book has a place; one that the chain refused has none. */
function hasOrders(side: Side): SQL<boolean> {
  return sql<boolean>`exists (${ordersOf(side, sql`1`)} and o.place = ${BEST_PLACE})`;
}

/** Along the index of places, from the best order on: as far as the filled orders reach. */
function bestLeft(side: Side) {
  const limit = sql`o.${sql.identifier(orders.limitPriceMicroPerKwh.name)}`;
  const isLeft = sql`o.${sql.identifier(orders.fillWh.name)} < o.${sql.identifier(orders.energyWh.name)}`;
  return sql<number | null>`(${ordersOf(side, limit)} and ${isLeft} order by o.place limit 1)`.mapWith(
    (value: unknown) => (value === null ? null : Number(value)),
  );
}

function ordersOf(side: Side, selected: SQL): SQL {
  const [areaId, intervalId] = [orders.areaId, orders.intervalId].map(({ name }) => sql.identifier(name));
  return sql`select ${selected} from ${orders} o
    where o.${areaId} = ${intervals}.${areaId} and o.${intervalId} = ${intervals}.${intervalId} and o.side = ${side}`;
}
