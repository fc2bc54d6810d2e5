import { and, eq, inArray, like, sql } from "drizzle-orm";
import { isCharged, type MemberCharge } from "#domains/billing/rules/charge.ts";
import { charges } from "#domains/billing/tables.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { BilledInterval } from "./bills.ts";

/**
 * Writes what members of an area owe for an interval by the rules of one domain, in place of what that domain wrote of these
 * members before. Their kinds begin with its name: `pool.trades`. What is neither owed nor moved is left out.
 */
export async function writeCharges(
  tx: Queryable,
  { areaId, intervalId, startsAt }: BilledInterval,
  {
    domain,
    members,
    charges: list,
  }: { domain: string; members: readonly number[]; charges: readonly MemberCharge[] },
): Promise<void> {
  if (members.length === 0) return;
  await tx
    .delete(charges)
    .where(
      and(
        eq(charges.areaId, areaId),
        eq(charges.intervalId, intervalId),
        inArray(charges.member, [...members]),
        like(charges.kind, `${domain}.%`),
      ),
    );
  const rows = list.filter(isCharged).map((charge) => ({ ...charge, areaId, intervalId, startsAt }));
  await insertAll(tx, charges, rows);
}

/** Adds what a member owes for an interval by one rule to what it owes by it already. */
export async function addCharge(
  tx: Queryable,
  { areaId, intervalId, startsAt }: BilledInterval,
  charge: MemberCharge,
): Promise<void> {
  await tx
    .insert(charges)
    .values({ ...charge, areaId, intervalId, startsAt })
    .onConflictDoUpdate({
      target: [charges.account, charges.startsAt, charges.areaId, charges.member, charges.kind],
      set: { amountMicro: sql`${charges.amountMicro} + excluded."amountMicro"` },
    });
}
