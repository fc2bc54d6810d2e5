import { isCharged, type MemberCharge } from "#domains/billing/rules/charge.ts";
import { charges } from "#domains/billing/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { replaceRows, rowsOf } from "#platform/store/workingSet.ts";
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
  const place = { areaId, intervalId };
  const charged = new Set(members);
  await replaceRows(tx, charges, place, {
    members,
    isReplaced: ({ member, kind }) => charged.has(member) && kind.startsWith(`${domain}.`),
    by: list.filter(isCharged).map((charge) => ({ ...charge, ...place, startsAt })),
  });
}

/** Adds what a member owes for an interval by one rule to what it owes by it already. */
export async function addCharge(
  tx: Queryable,
  { areaId, intervalId, startsAt }: BilledInterval,
  charge: MemberCharge,
): Promise<void> {
  const place = { areaId, intervalId };
  const { member, kind } = charge;
  const known = (await rowsOf(tx, charges, place)).find((row) => row.member === member && row.kind === kind);
  const sum = known && { ...known, amountMicro: known.amountMicro + charge.amountMicro };
  await replaceRows(tx, charges, place, {
    isReplaced: (row) => row === known,
    by: [sum ?? { ...charge, ...place, startsAt }],
  });
}
