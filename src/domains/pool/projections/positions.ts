import { PAGE_MEMBERS, pageOf } from "#domains/metering/rules/readingTree.ts";
import type { SettlementPrices } from "#domains/pool/rules/area.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { reserveMicro } from "#domains/pool/rules/settlement.ts";
import { positions } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { replaceRows, rowsOf } from "#platform/store/workingSet.ts";
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
  const place = { areaId, intervalId };
  await replaceRows(tx, positions, place, {
    ...membersOf(held),
    isReplaced: () => false,
    by: holdings.map((holding) => ({ ...place, attempt, ...holding })),
  });
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
  const rows = (await rowsOf(tx, positions, held, membersOf(held))).filter(isHeld(held));
  return rows.sort((a, b) => a.member - b.member).map(holdingOf);
}

/** Takes positions out: nothing is held for them any more, or they are written anew. In no order. */
export async function takeHoldings(tx: Queryable, held: Held): Promise<Holding[]> {
  const taken = (await rowsOf(tx, positions, held, membersOf(held))).filter(isHeld(held));
  await replaceRows(tx, positions, held, { ...membersOf(held), isReplaced: isHeld(held), by: [] });
  return taken.map(holdingOf);
}

type Row = typeof positions.$inferSelect;

function holdingOf({ areaId: _area, intervalId: _interval, attempt: _attempt, ...holding }: Row): Holding {
  return holding;
}

/** The members of a page, where no more than it is read. */
function membersOf({ page }: Held): { readonly members?: readonly number[] } {
  if (page === undefined) return {};
  return { members: Array.from({ length: PAGE_MEMBERS }, (_, i) => page * PAGE_MEMBERS + i) };
}

function isHeld({ attempt, page }: Held): (row: Row) => boolean {
  return (row) => row.attempt === attempt && (page === undefined || pageOf(row.member) === page);
}
