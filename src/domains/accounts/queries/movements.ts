import { and, asc, between, desc, eq, gt, ne, or, sql } from "drizzle-orm";
import { seatsOfArea } from "#domains/accounts/rules/seat.ts";
import {
  allMovements,
  type MovementKind,
  type movements,
  NO_SEAT,
  SEALED_MOVEMENTS,
} from "#domains/accounts/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";
import { type PageOrder, readPage } from "#platform/store/sealed/heads.ts";
import { isWithin } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";

export type MovementView = typeof movements.$inferSelect;

/** Movements of an account in blocks of `[from, to)`, unix seconds: its own and those of its seats, in some areas or in all. */
export type MovementRange = {
  readonly account: number;
  readonly areaIds?: readonly number[] | undefined;
  /** Movements of seats in these areas alone, without those of the free balance alone. */
  readonly seatsOf?: readonly number[] | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/** Changes of the three balances of an account, micro. */
export type BalanceChange = {
  readonly freeMicro: bigint;
  readonly marginMicro: bigint;
  readonly escrowMicro: bigint;
};

/** Sums by cause, in alphabetical order of the causes. */
export function sumMovements(
  db: Queryable,
  range: MovementRange,
): Promise<(BalanceChange & { readonly kind: MovementKind; readonly count: number })[]> {
  return db
    .select({
      kind: allMovements.kind,
      count: COUNT,
      freeMicro: total(allMovements.freeMicro),
      marginMicro: total(allMovements.marginMicro),
      escrowMicro: total(allMovements.escrowMicro),
    })
    .from(allMovements)
    .where(inRange(range))
    .groupBy(allMovements.kind)
    .orderBy(asc(allMovements.kind));
}

/** What an account holds in all, micro: free, in margins, and reserved. */
export function wholeOf({ freeMicro, marginMicro, escrowMicro }: BalanceChange): bigint {
  return freeMicro + marginMicro + escrowMicro;
}

/** Changes added up. */
export function sumChanges(changes: Iterable<BalanceChange>): BalanceChange {
  const sum = { freeMicro: 0n, marginMicro: 0n, escrowMicro: 0n };
  for (const change of changes) {
    sum.freeMicro += change.freeMicro;
    sum.marginMicro += change.marginMicro;
    sum.escrowMicro += change.escrowMicro;
  }
  return sum;
}

/**
 * Movements, the latest first. `payments` are those that change what the account holds in all; the others move its money
 * between its own pockets.
 */
export function listMovements(
  db: Queryable,
  { limit, offset, only, ...range }: MovementRange & Page & { readonly only?: "payments" | undefined },
): Promise<MovementView[]> {
  const page = pageOf(range, { order: "newestTimes", rows: offset + limit, limit });
  return readPage(db, SEALED_MOVEMENTS, page, (isNear) =>
    select(db)
      .where(and(inRange(range), only && ne(WHOLE, sql`0`), isNear))
      .orderBy(
        desc(allMovements.block),
        desc(allMovements.logIndex),
        desc(allMovements.seat),
        desc(allMovements.kind),
      )
      .limit(limit)
      .offset(offset),
  );
}

/** What the movements of a range after one of them add to what the account holds in all, micro. */
export async function sumAfter(
  db: Queryable,
  { after, ...range }: MovementRange & { readonly after: MovementPlace },
): Promise<bigint> {
  const rest = { ...range, from: Math.max(range.from ?? 0, after.timestamp) };
  const [row] = await db
    .select({ wholeMicro: total(WHOLE) })
    .from(allMovements)
    .where(and(inRange(rest), isAfter(after)));
  return row?.wholeMicro ?? 0n;
}

const WHOLE = sql`(${allMovements.freeMicro} + ${allMovements.marginMicro} + ${allMovements.escrowMicro})`;

/** A place in an account's movements, in the order of the chain, with its time. */
export type MovementPlace = Pick<MovementView, "block" | "timestamp" | "logIndex" | "seat" | "kind">;

/** Movements in the order of the chain, after a place. */
export function listMovementsAfter(
  db: Queryable,
  { after, limit, ...range }: MovementRange & { after: MovementPlace | null; limit: number },
): Promise<MovementView[]> {
  const rest = after === null ? range : { ...range, from: Math.max(range.from ?? 0, after.timestamp) };
  const page = pageOf(rest, { order: "oldestTimes", rows: limit, limit });
  return readPage(db, SEALED_MOVEMENTS, page, (isNear) =>
    select(db)
      .where(and(inRange(rest), after === null ? undefined : isAfter(after), isNear))
      .orderBy(
        asc(allMovements.block),
        asc(allMovements.logIndex),
        asc(allMovements.seat),
        asc(allMovements.kind),
      )
      .limit(limit),
  );
}

function select(db: Queryable) {
  return db.select(tableColumns(allMovements)).from(allMovements);
}

/** What of its sealed rows a page certainly takes: those that begin after its start and end before its end. */
function pageOf(
  { account, from: after, to: before }: MovementRange,
  page: { readonly order: PageOrder; readonly rows: number; readonly limit: number },
) {
  return { ...page, shared: { account }, after, before };
}

function isAfter({ block, logIndex, seat, kind }: MovementPlace) {
  const inEvent = and(eq(allMovements.block, block), eq(allMovements.logIndex, logIndex));
  return or(
    gt(allMovements.block, block),
    and(eq(allMovements.block, block), gt(allMovements.logIndex, logIndex)),
    and(inEvent, gt(allMovements.seat, seat)),
    and(inEvent, eq(allMovements.seat, seat), gt(allMovements.kind, kind)),
  );
}

function inRange({ account, areaIds, seatsOf, from, to }: MovementRange) {
  return and(
    eq(allMovements.account, account),
    areaIds === undefined ? undefined : or(eq(allMovements.seat, NO_SEAT), ...areaIds.map(isInArea)),
    seatsOf === undefined ? undefined : or(sql`false`, ...seatsOf.map(isInArea)),
    isWithin(allMovements, allMovements.timestamp, { from, to }),
  );
}

function isInArea(areaId: number) {
  const { first, last } = seatsOfArea(areaId);
  return between(allMovements.seat, first, last);
}
