import { and, between, eq, gte, inArray, lt, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { groupOf } from "./sealedTable.ts";

// A condition on an interval or a time alone would open every sealed row: these say too which of them can meet it.

type View = { readonly areaId: PgColumn; readonly intervalId: PgColumn; readonly groupNumber: PgColumn };

/** Rows of one interval. */
export function isOfInterval(view: View, { areaId, intervalId }: IntervalPlace): SQL | undefined {
  return and(eq(view.areaId, areaId), isNumbered(view, intervalId));
}

/** Rows of intervals of this number, in whatever area. */
export function isNumbered(view: Omit<View, "areaId">, intervalId: number): SQL | undefined {
  return and(eq(view.intervalId, intervalId), eq(view.groupNumber, groupOf(intervalId)));
}

/** Live rows of some areas and intervals of some numbers, which is what projections read. */
export function isAmong(
  table: { readonly areaId: PgColumn; readonly intervalId: PgColumn },
  places: readonly IntervalPlace[],
): SQL | undefined {
  return and(
    inArray(table.areaId, [...new Set(places.map(({ areaId }) => areaId))]),
    inArray(table.intervalId, [...new Set(places.map(({ intervalId }) => intervalId))]),
  );
}

/** Rows of some areas and intervals of some numbers; none without. */
export function isAmongIntervals(view: View, places: readonly IntervalPlace[]): SQL | undefined {
  const numbers = [...new Set(places.map(({ intervalId }) => intervalId))];
  return and(
    inArray(view.areaId, [...new Set(places.map(({ areaId }) => areaId))]),
    inArray(view.intervalId, numbers),
    inArray(view.groupNumber, [...new Set(numbers.map(groupOf))]),
  );
}

/** Rows of intervals from `first` to `last`, in whatever area. */
export function isBetweenIntervals(
  view: Omit<View, "areaId">,
  { first, last }: { readonly first: number; readonly last: number },
): SQL | undefined {
  return and(
    unguessed(between(view.intervalId, first, last)),
    between(view.groupNumber, groupOf(first), groupOf(last)),
  );
}

/** Rows of intervals from a number on, in whatever area. */
export function isFromInterval(view: Omit<View, "areaId">, first: number): SQL | undefined {
  return and(unguessed(gte(view.intervalId, first)), gte(view.groupNumber, groupOf(first)));
}

/** Rows whose `time`, by which the table is sealed, is in `[from, to)`. */
export function isWithin(
  view: { readonly firstAt: PgColumn; readonly lastAt: PgColumn },
  time: PgColumn,
  { from, to }: { readonly from?: number | undefined; readonly to?: number | undefined },
): SQL | undefined {
  return and(
    from === undefined ? undefined : and(unguessed(gte(time, from)), gte(view.lastAt, from)),
    to === undefined ? undefined : and(unguessed(lt(time, to)), lt(view.firstAt, to)),
  );
}

/**
 * The planner takes one in 200 unpacked rows for those between two bounds, and then joins thousands of them row by row. Of
 * this it knows nothing, and takes one in two.
 */
function unguessed(condition: SQL): SQL {
  return sql`coalesce(${condition}, false)`;
}
