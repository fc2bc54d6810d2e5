import { and, asc, desc, eq, or } from "drizzle-orm";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { trades } from "#platform/store/schema.ts";

export type TradeView = typeof trades.$inferSelect;

export type TradeFilter = {
  readonly areaId?: number | undefined;
  readonly intervalId?: number | undefined;
  /** As buyer or as seller. */
  readonly account?: number | undefined;
};

/** Trades, latest interval first, then in merit order. */
export function listTrades(db: Queryable, filter: TradeFilter & Page): Promise<TradeView[]> {
  const { areaId, intervalId, account, limit, offset } = filter;
  return db
    .select()
    .from(trades)
    .where(
      and(
        areaId === undefined ? undefined : eq(trades.areaId, areaId),
        intervalId === undefined ? undefined : eq(trades.intervalId, intervalId),
        account === undefined ? undefined : or(eq(trades.buyer, account), eq(trades.seller, account)),
      ),
    )
    .orderBy(desc(trades.intervalId), asc(trades.areaId), asc(trades.number))
    .limit(limit)
    .offset(offset);
}
