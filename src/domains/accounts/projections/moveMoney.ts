import { sql } from "drizzle-orm";
import { accountsOfSeats } from "#domains/accounts/queries/seats.ts";
import { balances, type MovementKind, margins, movements, NO_SEAT } from "#domains/accounts/tables.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import type { EventPlace } from "#platform/chain/contractSpec.ts";
import { insertAll, MAX_ROWS } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { gathered } from "#platform/store/workingSet.ts";

export type MovementRow = typeof movements.$inferInsert & Change;

/** Changes of balances, micro: of a seat, whose account has the free balance, or of an account's free balance alone. */
export type Movement = ({ readonly seat: number } | { readonly account: number }) & {
  readonly kind: MovementKind;
  readonly free?: bigint;
  readonly margin?: bigint;
  readonly escrow?: bigint;
};

/** The event that moved money; `market` is the one whose margins and escrow changed. */
type Cause = EventPlace & {
  readonly market?: Address;
  readonly areaId?: number;
  readonly intervalId?: number;
};

/** Books what an event moved; changes of nothing are left out. */
export async function moveMoney(tx: Queryable, cause: Cause, list: readonly Movement[]): Promise<void> {
  const owners = await accountsOfSeats(
    tx,
    list.map(seatIn).filter((seat) => seat !== NO_SEAT),
  );
  const accountIn = (movement: Movement) =>
    "account" in movement
      ? movement.account
      : present(owners.get(movement.seat), `the account of seat ${movement.seat}`);
  const rows = list
    .map((movement) => ({
      block: cause.block,
      logIndex: cause.logIndex,
      account: accountIn(movement),
      seat: seatIn(movement),
      kind: movement.kind,
      market: cause.market ?? null,
      freeMicro: movement.free ?? 0n,
      marginMicro: movement.margin ?? 0n,
      escrowMicro: movement.escrow ?? 0n,
      timestamp: cause.timestamp,
      transactionHash: cause.transactionHash,
      areaId: cause.areaId ?? null,
      intervalId: cause.intervalId ?? null,
    }))
    .filter((row) => row.freeMicro !== 0n || row.marginMicro !== 0n || row.escrowMicro !== 0n);
  movedIn(tx).push(...rows);
}

/** What moved in this transaction, which is booked at its end, all at once. */
export function movedIn(tx: Queryable): MovementRow[] {
  return gathered(tx, movements, { begin: (): MovementRow[] => [], write: (rows) => book(tx, rows) });
}

async function book(tx: Queryable, rows: readonly MovementRow[]): Promise<void> {
  await insertAll(tx, movements, rows);
  await addFree(
    tx,
    sumBy(rows, ({ account }) => account),
  );
  for (const market of new Set(rows.flatMap((row) => row.market ?? []))) {
    const ofSeats = rows.filter((row) => row.market === market && row.seat !== NO_SEAT);
    await addMargins(
      tx,
      market,
      sumBy(ofSeats, ({ seat }) => seat),
    );
  }
}

function seatIn(movement: Movement): number {
  return "seat" in movement ? movement.seat : NO_SEAT;
}

async function addFree(tx: Queryable, sums: readonly Change[]): Promise<void> {
  const changes = sums.filter(({ freeMicro }) => freeMicro !== 0n);
  for (let at = 0; at < changes.length; at += MAX_ROWS)
    await tx
      .insert(balances)
      .values(changes.slice(at, at + MAX_ROWS).map(({ account, freeMicro }) => ({ account, freeMicro })))
      .onConflictDoUpdate({
        target: balances.account,
        set: { freeMicro: sql`${balances.freeMicro} + excluded."freeMicro"` },
      });
}

async function addMargins(tx: Queryable, market: string, sums: readonly Change[]): Promise<void> {
  const changes = sums.filter(({ marginMicro, escrowMicro }) => marginMicro !== 0n || escrowMicro !== 0n);
  for (let at = 0; at < changes.length; at += MAX_ROWS)
    await tx
      .insert(margins)
      .values(
        changes.slice(at, at + MAX_ROWS).map(({ seat, account, marginMicro, escrowMicro }) => ({
          seat,
          market,
          account,
          marginMicro,
          escrowMicro,
        })),
      )
      .onConflictDoUpdate({
        target: [margins.seat, margins.market],
        set: {
          marginMicro: sql`${margins.marginMicro} + excluded."marginMicro"`,
          escrowMicro: sql`${margins.escrowMicro} + excluded."escrowMicro"`,
        },
      });
}

type Change = {
  readonly account: number;
  readonly seat: number;
  readonly freeMicro: bigint;
  readonly marginMicro: bigint;
  readonly escrowMicro: bigint;
};

function sumBy(rows: readonly Change[], keyOf: (row: Change) => number): Change[] {
  const sums = new Map<number, Change>();
  for (const row of rows) {
    const sum = sums.get(keyOf(row));
    sums.set(keyOf(row), {
      account: row.account,
      seat: row.seat,
      freeMicro: (sum?.freeMicro ?? 0n) + row.freeMicro,
      marginMicro: (sum?.marginMicro ?? 0n) + row.marginMicro,
      escrowMicro: (sum?.escrowMicro ?? 0n) + row.escrowMicro,
    });
  }
  return [...sums.values()];
}
