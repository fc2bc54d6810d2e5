import { and, asc, eq, gte, inArray, lt } from "drizzle-orm";
import { type MemberPlace, seatOf } from "#domains/accounts/rules/seat.ts";
import { seats } from "#domains/accounts/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { forget, remembered } from "#platform/store/workingSet.ts";

/** Parameters a statement: far below the 32,767 that PostgreSQL takes. */
const MAX_SEATS = 10_000;

/** Single seats are remembered together, beside those of areas. */
const EACH = "each";

/** Notes whose a seat is; it never changes. */
export async function addSeat(
  tx: Queryable,
  place: MemberPlace & { readonly account: number },
): Promise<void> {
  const { areaId, member, account } = place;
  await tx.insert(seats).values({ seat: seatOf(place), areaId, member, account });
  forget(tx, seats);
}

/** Accounts by seat, those wanted among them; those of seats that nobody has are not there. */
export async function accountsOfSeats(
  db: Queryable,
  wanted: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const found = await remembered(db, seats, { key: EACH, look: async () => new Map<number, number>() });
  const unknown = [...new Set(wanted)].filter((seat) => !found.has(seat));
  for (let at = 0; at < unknown.length; at += MAX_SEATS) {
    const rows = await db
      .select({ seat: seats.seat, account: seats.account })
      .from(seats)
      .where(inArray(seats.seat, unknown.slice(at, at + MAX_SEATS)));
    for (const { seat, account } of rows) found.set(seat, account);
  }
  return found;
}

/** Accounts of an area's members, by member. */
export async function accountsOfMembers(db: Queryable, areaId: number): Promise<ReadonlyMap<number, number>> {
  const first = seatOf({ areaId, member: 0 });
  const next = seatOf({ areaId: areaId + 1, member: 0 });
  const look = async () => {
    const rows = await db
      .select({ member: seats.member, account: seats.account })
      .from(seats)
      .where(and(gte(seats.seat, first), lt(seats.seat, next)));
    return new Map(rows.map(({ member, account }) => [member, account]));
  };
  return remembered(db, seats, { key: areaId, look });
}

/** The account of a member; null when nobody has its number. */
export async function accountOfMember(db: Queryable, place: MemberPlace): Promise<number | null> {
  const [row] = await db
    .select({ account: seats.account })
    .from(seats)
    .where(eq(seats.seat, seatOf(place)));
  return row?.account ?? null;
}

/** The seats of some accounts, rising. */
export function listSeats(db: Queryable, accounts: readonly number[]) {
  return db
    .select()
    .from(seats)
    .where(inArray(seats.account, [...accounts]))
    .orderBy(asc(seats.seat));
}
