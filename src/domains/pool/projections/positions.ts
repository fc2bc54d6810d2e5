import { and, asc, between, eq } from "drizzle-orm";
import { PAGE_MEMBERS } from "#domains/metering/rules/readingTree.ts";
import type { SettlementPrices } from "#domains/pool/rules/area.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { reserveMicro } from "#domains/pool/rules/settlement.ts";
import { positions } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import type { MemberMovement } from "./movePoolMoney.ts";

/** All that a member holds of a clearing of an interval, and what is reserved for it. */
export type Holding = MemberPosition & { readonly account: number; readonly reserveMicro: bigint };

/** A clearing of an interval; of one page, or of all without. */
export type Held = IntervalPlace & { readonly attempt: number; readonly page?: number };

/**
 * Writes what members hold of a clearing in place of what was known. Gives it, and by how much their reserves changed: each
 * step of a clearing reserves what it adds.
 */
export async function holdPositions(
  tx: Queryable,
  {
    held,
    accounts,
    prices,
    positions: list,
  }: {
    held: Held;
    accounts: ReadonlyMap<number, number>;
    prices: SettlementPrices;
    positions: readonly MemberPosition[];
  },
): Promise<{ holdings: Holding[]; movements: MemberMovement[] }> {
  const { areaId, intervalId, attempt } = held;
  const before = new Map((await takeHoldings(tx, held)).map((holding) => [holding.member, holding]));
  const holdings = list.map((position): Holding => {
    const account = present(accounts.get(position.member), `the account of member ${position.member}`);
    return { ...position, account, reserveMicro: reserveMicro(position, prices) };
  });
  await insertAll(
    tx,
    positions,
    holdings.map((holding) => ({ areaId, intervalId, attempt, ...holding })),
  );
  const reserves = new Map(holdings.map((holding) => [holding.member, holding.reserveMicro]));
  const members = new Set([...before.keys(), ...reserves.keys()]);
  const movements = [...members].map((member): MemberMovement => {
    const more = (reserves.get(member) ?? 0n) - (before.get(member)?.reserveMicro ?? 0n);
    return { member, kind: "reserved", margin: -more, escrow: more };
  });
  return { holdings, movements };
}

/** What members hold, by rising member. */
export async function holdingsOf(tx: Queryable, held: Held): Promise<Holding[]> {
  const rows = await tx.select().from(positions).where(isHeld(held)).orderBy(asc(positions.member));
  return rows.map(holdingOf);
}

/** Takes positions out: nothing is held for them any more, or they are written anew. In no order. */
export async function takeHoldings(tx: Queryable, held: Held): Promise<Holding[]> {
  return (await tx.delete(positions).where(isHeld(held)).returning()).map(holdingOf);
}

function holdingOf({
  areaId: _area,
  intervalId: _interval,
  attempt: _attempt,
  ...holding
}: typeof positions.$inferSelect): Holding {
  return holding;
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
