import { and, asc, between, eq } from "drizzle-orm";
import { accountsOfMembers } from "#domains/accounts/queries/seats.ts";
import { PAGE_MEMBERS } from "#domains/metering/rules/readingTree.ts";
import type { SettlementPrices } from "#domains/pool/rules/area.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { reserveMicro } from "#domains/pool/rules/settlement.ts";
import { positions } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { movePoolMoney, type PoolPayment } from "./movePoolMoney.ts";
import type { PoolProjection } from "./poolProjection.ts";

/** All that a member holds of a clearing of an interval, and what is reserved for it. */
export type Holding = MemberPosition & { readonly account: number; readonly reserveMicro: bigint };

/** A clearing of an interval; of one page, or of all without. */
export type Held = IntervalPlace & { readonly attempt: number; readonly page?: number };

/**
 * Writes what members hold of a clearing in place of what was known, and books by how much their reserves changed: each
 * step of a clearing reserves what it adds.
 */
export async function holdPositions(
  projection: PoolProjection<PoolPayment["kind"]>,
  {
    held,
    prices,
    positions: list,
  }: { held: Held; prices: SettlementPrices; positions: readonly MemberPosition[] },
): Promise<Holding[]> {
  const { tx } = projection;
  const { areaId, intervalId, attempt } = held;
  const before = new Map((await holdingsOf(tx, held)).map((holding) => [holding.member, holding]));
  const accounts = await accountsOfMembers(tx, areaId);
  const holdings = list.map((position): Holding => {
    const account = present(accounts.get(position.member), `the account of member ${position.member}`);
    return { ...position, account, reserveMicro: reserveMicro(position, prices) };
  });
  await dropPositions(tx, held);
  await insertAll(
    tx,
    positions,
    holdings.map((holding) => ({ areaId, intervalId, attempt, ...holding })),
  );
  const reserves = new Map(holdings.map((holding) => [holding.member, holding.reserveMicro]));
  const members = new Set([...before.keys(), ...reserves.keys()]);
  await movePoolMoney(
    projection,
    [...members].map((member) => {
      const more = (reserves.get(member) ?? 0n) - (before.get(member)?.reserveMicro ?? 0n);
      return { member, kind: "reserved", margin: -more, escrow: more };
    }),
  );
  return holdings;
}

/** What members hold, by rising member. */
export async function holdingsOf(tx: Queryable, held: Held): Promise<Holding[]> {
  const rows = await tx.select().from(positions).where(isHeld(held)).orderBy(asc(positions.member));
  return rows.map(({ areaId, intervalId, attempt, ...holding }) => holding);
}

/** Takes positions out: nothing is held for them any more, or they are written anew. */
export async function dropPositions(tx: Queryable, held: Held): Promise<void> {
  await tx.delete(positions).where(isHeld(held));
}

function isHeld({ areaId, intervalId, attempt, page }: Held) {
  const first = (page ?? 0) * PAGE_MEMBERS;
  return and(
    eq(positions.areaId, areaId),
    eq(positions.intervalId, intervalId),
    eq(positions.attempt, attempt),
    page === undefined ? undefined : between(positions.member, first, first + PAGE_MEMBERS - 1),
  );
}
