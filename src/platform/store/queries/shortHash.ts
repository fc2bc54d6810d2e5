import { and, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

/** A hash or an address as it is shown in short: its first hexadecimal digits, without 0x, and its last. */
export type ShortHash = { readonly head: string; readonly tail: string };

/** Whether bytes begin and end so. Their range comes first, for an index. */
export function isInShort(column: PgColumn, { head, tail }: ShortHash): SQL | undefined {
  const whole = head.length - (head.length % 2);
  return and(
    sql`${column} >= decode(${head.slice(0, whole)}, 'hex')`,
    sql`encode(${column}, 'hex') like ${`${head}%${tail}`}`,
  );
}
