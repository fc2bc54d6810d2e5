import { and, asc, desc, eq, gte, inArray, lt, sql } from "drizzle-orm";
import {
  allQuotaOrders,
  allQuotaStations,
  allQuotaTrades,
  allStationFigures,
  type quotaOrders,
  quotaPeriods,
  type quotaStations,
  quotaTerms,
  type quotaTrades,
  SEALED_QUOTA_ORDERS,
  SEALED_STATIONS,
} from "#domains/charging/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { groupsOfKey, readPage } from "#platform/store/sealed/heads.ts";
import { isAmongIntervals, isOfInterval } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";

export type QuotaTermsView = typeof quotaTerms.$inferSelect;
export type QuotaPeriodView = typeof quotaPeriods.$inferSelect;
export type QuotaStationView = Omit<typeof quotaStations.$inferSelect, "brought">;
export type QuotaOrderView = typeof quotaOrders.$inferSelect;
export type QuotaTradeView = typeof quotaTrades.$inferSelect;

/** The versions of an area's rules, the oldest first; none in an area without quotas. */
export function listQuotaTerms(db: Queryable, areaId: number): Promise<QuotaTermsView[]> {
  return db.select().from(quotaTerms).where(eq(quotaTerms.areaId, areaId)).orderBy(asc(quotaTerms.version));
}

/** Areas that have quotas, by rising number. */
export async function listQuotaAreas(db: Queryable): Promise<number[]> {
  const rows = await db
    .selectDistinct({ areaId: quotaTerms.areaId })
    .from(quotaTerms)
    .orderBy(asc(quotaTerms.areaId));
  return rows.map(({ areaId }) => areaId);
}

/** Periods of an area, the newest first: those before a number, with a delivery that begins in `[from, to)`. */
export function listQuotaPeriods(
  db: Queryable,
  {
    areaId,
    before,
    from,
    to,
    limit,
  }: {
    readonly areaId: number;
    readonly before?: number | undefined;
    readonly from?: number | undefined;
    readonly to?: number | undefined;
    readonly limit: number;
  },
): Promise<QuotaPeriodView[]> {
  return db
    .select()
    .from(quotaPeriods)
    .where(
      and(
        eq(quotaPeriods.areaId, areaId),
        before === undefined ? undefined : lt(quotaPeriods.period, before),
        from === undefined ? undefined : gte(quotaPeriods.startsAt, from),
        to === undefined ? undefined : lt(quotaPeriods.startsAt, to),
      ),
    )
    .orderBy(desc(quotaPeriods.period))
    .limit(limit);
}

export async function findQuotaPeriod(
  db: Queryable,
  { areaId, period }: { readonly areaId: number; readonly period: number },
): Promise<QuotaPeriodView | null> {
  const [row] = await db
    .select()
    .from(quotaPeriods)
    .where(and(eq(quotaPeriods.areaId, areaId), eq(quotaPeriods.period, period)));
  return row ?? null;
}

type Periods = readonly Pick<QuotaPeriodView, "areaId" | "intervalId">[];

/** Stations of some periods, by rising member. */
export async function listStationsOf(db: Queryable, periods: Periods): Promise<QuotaStationView[]> {
  if (periods.length === 0) return [];
  return db
    .select(tableColumns(allStationFigures))
    .from(allStationFigures)
    .where(isAmongIntervals(allStationFigures, periods))
    .orderBy(desc(allStationFigures.intervalId), asc(allStationFigures.member));
}

/** What each station's payment of a period showed, JSON; null where it did not reach the market directly. */
export function listBrought(
  db: Queryable,
  place: Pick<QuotaPeriodView, "areaId" | "intervalId">,
): Promise<{ member: number; brought: string | null }[]> {
  return db
    .select({ member: allQuotaStations.member, brought: allQuotaStations.brought })
    .from(allQuotaStations)
    .where(isOfInterval(allQuotaStations, place));
}

/** One station's periods, the newest first; those before a number. */
export function listPeriodsOfStation(
  db: Queryable,
  {
    account,
    areaId,
    member,
    before,
    limit,
  }: {
    readonly account: number;
    readonly areaId: number;
    readonly member: number;
    readonly before?: number | undefined;
    readonly limit: number;
  },
): Promise<QuotaStationView[]> {
  const shared = { account, areaId, member };
  return readPage(
    db,
    SEALED_STATIONS,
    { order: "newestGroups", shared, rows: limit, limit },
    async (isNear) =>
      db
        .select(tableColumns(allStationFigures))
        .from(allStationFigures)
        .where(
          and(
            eq(allStationFigures.account, account),
            eq(allStationFigures.areaId, areaId),
            eq(allStationFigures.member, member),
            before === undefined ? undefined : lt(allStationFigures.period, before),
            isNear,
          ),
        )
        .orderBy(desc(allStationFigures.intervalId))
        .limit(limit),
  );
}

/** Orders of some periods, each side from the best on. */
export async function listQuotaOrders(
  db: Queryable,
  periods: Periods,
  member?: number,
): Promise<QuotaOrderView[]> {
  if (periods.length === 0) return [];
  return db
    .select(tableColumns(allQuotaOrders))
    .from(allQuotaOrders)
    .where(
      and(
        isAmongIntervals(allQuotaOrders, periods),
        member === undefined ? undefined : eq(allQuotaOrders.member, member),
      ),
    )
    .orderBy(desc(allQuotaOrders.intervalId), asc(allQuotaOrders.side), asc(allQuotaOrders.place));
}

/** Trades of a period, in merit order. */
export function listQuotaTrades(
  db: Queryable,
  place: Pick<QuotaPeriodView, "areaId" | "intervalId">,
): Promise<QuotaTradeView[]> {
  return db
    .select(tableColumns(allQuotaTrades))
    .from(allQuotaTrades)
    .where(isOfInterval(allQuotaTrades, place))
    .orderBy(asc(allQuotaTrades.number));
}

/** The order with this hash; null when no auction had it. */
export async function findQuotaOrder(db: Queryable, orderId: string): Promise<QuotaOrderView | null> {
  for (const group of await groupsOfKey(db, SEALED_QUOTA_ORDERS, orderId)) {
    const [row] = await db
      .select(tableColumns(allQuotaOrders))
      .from(allQuotaOrders)
      .where(
        and(
          eq(allQuotaOrders.areaId, group.areaId),
          eq(allQuotaOrders.groupNumber, group.groupNumber),
          eq(allQuotaOrders.orderId, orderId),
        ),
      );
    if (row) return row;
  }
  return null;
}

/** Figures of all periods together: how many, and how many stations have not paid or have deposits to get back. */
export async function countQuotas(db: Queryable): Promise<{
  readonly periods: number;
  readonly unpaid: number;
  readonly openDeposits: number;
  readonly clearedW: number;
}> {
  const [row] = await db
    .select({
      periods: sql<number>`count(*)`.mapWith(Number),
      unpaid: sql<number>`coalesce(sum(${quotaPeriods.unpaid}), 0)`.mapWith(Number),
      openDeposits: sql<number>`coalesce(sum(${quotaPeriods.openDeposits}), 0)`.mapWith(Number),
      clearedW: sql<number>`coalesce(sum(${quotaPeriods.clearedW}), 0)`.mapWith(Number),
    })
    .from(quotaPeriods);
  return row ?? { periods: 0, unpaid: 0, openDeposits: 0, clearedW: 0 };
}

/** Periods that are over and that a station of an account has not paid, or whose deposit is not back; the oldest first. */
export function listOwedPeriods(
  db: Queryable,
  { account, endedBefore, limit }: { account: number; endedBefore: number; limit: number },
): Promise<{ areaId: number; period: number; intervalId: number; endsAt: number; member: number }[]> {
  return db
    .select({
      areaId: quotaPeriods.areaId,
      period: quotaPeriods.period,
      intervalId: quotaPeriods.intervalId,
      endsAt: quotaPeriods.endsAt,
      member: allStationFigures.member,
    })
    .from(quotaPeriods)
    .innerJoin(
      allStationFigures,
      and(
        eq(allStationFigures.areaId, quotaPeriods.areaId),
        eq(allStationFigures.intervalId, quotaPeriods.intervalId),
      ),
    )
    .where(
      and(
        sql`${quotaPeriods.openDeposits} > 0`,
        lt(quotaPeriods.endsAt, endedBefore),
        inArray(allStationFigures.account, [account]),
        sql`${allStationFigures.withdrawnAt} is null`,
      ),
    )
    .orderBy(asc(quotaPeriods.endsAt))
    .limit(limit);
}
