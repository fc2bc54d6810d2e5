import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

/** Rows of a group. */
export const COUNT = sql<number>`count(*)`.mapWith(Number);

/** Sum over the rows of a group that meet the condition; 0 without any. */
export function total(summand: SQL | PgColumn, condition?: SQL): SQL<bigint> {
  const filter = condition ? sql` filter (where ${condition})` : sql``;
  return sql<bigint>`coalesce(sum(${summand})${filter}, 0)`.mapWith(BigInt);
}
