import { and, asc, desc, eq, or, type SQL } from "drizzle-orm";
import { allTrades, SEALED_TRADES, type trades } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { readPage } from "#platform/store/sealed/heads.ts";
import { isNumbered } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";

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
  const read = (isNear?: SQL) =>
    db
      .select(tableColumns(allTrades))
      .from(allTrades)
      .where(
        and(
          areaId === undefined ? undefined : eq(allTrades.areaId, areaId),
          intervalId === undefined ? undefined : isNumbered(allTrades, intervalId),
          account === undefined ? undefined : or(eq(allTrades.buyer, account), eq(allTrades.seller, account)),
          isNear,
        ),
      )
      .orderBy(desc(allTrades.intervalId), asc(allTrades.areaId), asc(allTrades.number))
      .limit(limit)
      .offset(offset);
  if (intervalId !== undefined) return read();
  const page = { order: "newestGroups", shared: { areaId }, rows: offset + limit, limit } as const;
  return readPage(db, SEALED_TRADES, page, read);
}
