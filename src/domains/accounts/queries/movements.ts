import { and, asc, between, desc, eq, gt, gte, lt, or } from "drizzle-orm";
import { seatsOfArea } from "#domains/accounts/rules/seat.ts";
import { type MovementKind, movements, NO_SEAT } from "#domains/accounts/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";

export type MovementView = typeof movements.$inferSelect;

/** Movements of an account in blocks of `[from, to)`, unix seconds: its own and those of its seats, in some areas or in all. */
export type MovementRange = {
  readonly account: number;
  readonly areaIds?: readonly number[] | undefined;
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
      kind: movements.kind,
      count: COUNT,
      freeMicro: total(movements.freeMicro),
      marginMicro: total(movements.marginMicro),
      escrowMicro: total(movements.escrowMicro),
    })
    .from(movements)
    .where(inRange(range))
    .groupBy(movements.kind)
    .orderBy(asc(movements.kind));
}

/** Movements, the latest first. */
export function listMovements(
  db: Queryable,
  { limit, offset, ...range }: MovementRange & Page,
): Promise<MovementView[]> {
  return db
    .select()
    .from(movements)
    .where(inRange(range))
    .orderBy(desc(movements.block), desc(movements.logIndex), asc(movements.seat), asc(movements.kind))
    .limit(limit)
    .offset(offset);
}

/** A place in an account's movements, in the order of the chain. */
export type MovementPlace = Pick<MovementView, "block" | "logIndex" | "seat" | "kind">;

/** Movements in the order of the chain, after a place. */
export function listMovementsAfter(
  db: Queryable,
  { after, limit, ...range }: MovementRange & { after: MovementPlace | null; limit: number },
): Promise<MovementView[]> {
  return db
    .select()
    .from(movements)
    .where(and(inRange(range), after === null ? undefined : isAfter(after)))
    .orderBy(asc(movements.block), asc(movements.logIndex), asc(movements.seat), asc(movements.kind))
    .limit(limit);
}

function isAfter({ block, logIndex, seat, kind }: MovementPlace) {
  const inEvent = and(eq(movements.block, block), eq(movements.logIndex, logIndex));
  return or(
    gt(movements.block, block),
    and(eq(movements.block, block), gt(movements.logIndex, logIndex)),
    and(inEvent, gt(movements.seat, seat)),
    and(inEvent, eq(movements.seat, seat), gt(movements.kind, kind)),
  );
}

function inRange({ account, areaIds, from, to }: MovementRange) {
  return and(
    eq(movements.account, account),
    areaIds === undefined ? undefined : or(eq(movements.seat, NO_SEAT), ...areaIds.map(isInArea)),
    from === undefined ? undefined : gte(movements.timestamp, from),
    to === undefined ? undefined : lt(movements.timestamp, to),
  );
}

function isInArea(areaId: number) {
  const { first, last } = seatsOfArea(areaId);
  return between(movements.seat, first, last);
}
