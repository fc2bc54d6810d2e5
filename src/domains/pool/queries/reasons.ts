import { and, asc, desc, eq, inArray, isNotNull, lt, type SQL, sql } from "drizzle-orm";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import { allLevels, allOrders, clearingSteps, intervals, type orders } from "#domains/pool/tables.ts";
import type { Side } from "#kernel/auction/order.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { isAmongIntervals, isOfInterval } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";

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
export async function listMarkets(db: Queryable, keys: readonly IntervalKey[]): Promise<MarketView[]> {
  if (keys.length === 0) return [];
  const rows = await db
    .select()
    .from(intervals)
    .where(
      and(
        inArray(intervals.areaId, [...new Set(keys.map(({ areaId }) => areaId))]),
        inArray(intervals.intervalId, [...new Set(keys.map(({ intervalId }) => intervalId))]),
      ),
    );
  const books = new Map((await listBooks(db, keys)).map(({ key, ...book }) => [key, book]));
  return rows.map((row) => ({ ...row, ...(books.get(`${row.areaId} ${row.intervalId}`) ?? NO_BOOK) }));
}

type Book = Omit<MarketView, keyof typeof intervals.$inferSelect>;

const NO_BOOK: Book = {
  hasBids: false,
  hasOffers: false,
  bestBidLeftMicroPerKwh: null,
  bestOfferLeftMicroPerKwh: null,
};

/** What the books of some intervals left over, by area and interval; an order that the chain refused has no place in one. */
function listBooks(
  db: Queryable,
  keys: readonly IntervalKey[],
): Promise<(Book & { readonly key: string })[]> {
  return db
    .select({
      key: sql<string>`${allLevels.areaId} || ' ' || ${allLevels.intervalId}`,
      hasBids: hasOrders("bid"),
      hasOffers: hasOrders("offer"),
      bestBidLeftMicroPerKwh: bestLeft("bid"),
      bestOfferLeftMicroPerKwh: bestLeft("offer"),
    })
    .from(allLevels)
    .where(isAmongIntervals(allLevels, keys))
    .groupBy(allLevels.areaId, allLevels.intervalId);
}

/** An account's orders in some intervals, at most a page of them, refused ones among them. */
export function listOrdersOf(
  db: Queryable,
  { account, keys }: { account: number; keys: readonly IntervalKey[] },
): Promise<(typeof orders.$inferSelect)[]> {
  if (keys.length === 0) return Promise.resolve([]);
  return db
    .select(tableColumns(allOrders))
    .from(allOrders)
    .where(and(eq(allOrders.account, account), isAmongIntervals(allOrders, keys)));
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
  orderId: allOrders.orderId,
  member: allOrders.member,
  account: allOrders.account,
  side: allOrders.side,
  limitPriceMicroPerKwh: allOrders.limitPriceMicroPerKwh,
  energyWh: allOrders.energyWh,
  fillWh: allOrders.fillWh,
  sequence: allOrders.sequence,
};

/** All orders of one side of a book at one price, in merit order: as many as the desk takes for a book. */
export function listLevel(
  db: Queryable,
  key: IntervalKey & Pick<LevelOrder, "side" | "limitPriceMicroPerKwh">,
): Promise<LevelOrder[]> {
  return db
    .select(LEVEL_ORDER)
    .from(allOrders)
    .where(
      and(
        onSide(key),
        eq(allOrders.limitPriceMicroPerKwh, key.limitPriceMicroPerKwh),
        isNotNull(allOrders.place),
      ),
    )
    .orderBy(asc(allOrders.place));
}

/** The best order of a side; null when there is none. */
export async function findBestOrder(
  db: Queryable,
  key: IntervalKey & { readonly side: Side },
): Promise<LevelOrder | null> {
  const [row] = await db
    .select(LEVEL_ORDER)
    .from(allOrders)
    .where(and(onSide(key), eq(allOrders.place, BEST_PLACE)));
  return row ?? null;
}

/** The orders of one side of a book. */
function onSide({ side, ...place }: IntervalKey & { readonly side: Side }) {
  return and(isOfInterval(allOrders, place), eq(allOrders.side, side));
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

function hasOrders(side: Side): SQL<boolean> {
  return sql<boolean>`bool_or(${allLevels.side} = ${side} and coalesce(${allLevels.place} = ${BEST_PLACE}, false))`;
}

function bestLeft(side: Side): SQL<number | null> {
  const isLeft = and(eq(allLevels.side, side), lt(allLevels.fillWh, allLevels.energyWh));
  const limits = sql`array_agg(${allLevels.limitPriceMicroPerKwh} order by ${allLevels.place}) filter (where ${isLeft})`;
  return sql<number | null>`(${limits})[1]`.mapWith((value: unknown) =>
    value === null ? null : Number(value),
  );
}
