import { asc, desc, eq, inArray } from "drizzle-orm";
import { deviceKeys, members } from "#domains/metering/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { MAX_PAGE_ROWS } from "#platform/store/queries/page.ts";
import { isInShort, type ShortHash } from "#platform/store/queries/shortHash.ts";

/** A member of an area, as the registry has it. */
export type MemberView = typeof members.$inferSelect;

/** What some accounts are in areas, by area and member. */
export function listMembers(db: Queryable, accounts: readonly number[]): Promise<MemberView[]> {
  return db
    .select()
    .from(members)
    .where(inArray(members.account, [...accounts]))
    .orderBy(asc(members.areaId), asc(members.member));
}

/** Each stay of a metering point at a member, the latest first; `meterId` in lower case. */
export function listStays(
  db: Queryable,
  { meterId, limit }: { meterId: string; limit: number },
): Promise<MemberView[]> {
  return db
    .select()
    .from(members)
    .where(eq(members.meterId, meterId))
    .orderBy(desc(members.enrolledAt), desc(members.member))
    .limit(limit);
}

/** Members whose metering point's number begins and ends so, the latest first. */
export function listStaysInShort(
  db: Queryable,
  { limit, ...short }: ShortHash & { readonly limit: number },
): Promise<MemberView[]> {
  return db
    .select()
    .from(members)
    .where(isInShort(members.meterId, short))
    .orderBy(desc(members.enrolledAt), desc(members.member))
    .limit(limit);
}

/** The keys that metering points signed with, the latest first (R6.11). */
export function listDeviceKeys(db: Queryable, meterIds: readonly string[]) {
  return db
    .select()
    .from(deviceKeys)
    .where(inArray(deviceKeys.meterId, [...meterIds]))
    .orderBy(desc(deviceKeys.block), desc(deviceKeys.logIndex))
    .limit(MAX_PAGE_ROWS);
}
