import { sql } from "drizzle-orm";
import { balances, type MovementKind, margins, movements } from "#domains/accounts/tables.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import type { EventPlace } from "#platform/chain/contractSpec.ts";
import { insertAll, MAX_ROWS } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";

/** Changes of one account's balances, micro. */
export type Movement = {
  readonly account: number;
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
  const rows = list
    .map(({ account, kind, free = 0n, margin = 0n, escrow = 0n }) => ({
      block: cause.block,
      logIndex: cause.logIndex,
      account,
      kind,
      market: cause.market ?? null,
      freeMicro: free,
      marginMicro: margin,
      escrowMicro: escrow,
      timestamp: cause.timestamp,
      transactionHash: cause.transactionHash,
      areaId: cause.areaId ?? null,
      intervalId: cause.intervalId ?? null,
    }))
    .filter((row) => row.freeMicro !== 0n || row.marginMicro !== 0n || row.escrowMicro !== 0n);
  await insertAll(tx, movements, rows);
  const sums = sumByAccount(rows);
  await addFree(tx, sums);
  if (cause.market) await addMargins(tx, cause.market, sums);
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

async function addMargins(tx: Queryable, market: Address, sums: readonly Change[]): Promise<void> {
  const changes = sums.filter(({ marginMicro, escrowMicro }) => marginMicro !== 0n || escrowMicro !== 0n);
  for (let at = 0; at < changes.length; at += MAX_ROWS)
    await tx
      .insert(margins)
      .values(
        changes
          .slice(at, at + MAX_ROWS)
          .map(({ account, marginMicro, escrowMicro }) => ({ account, market, marginMicro, escrowMicro })),
      )
      .onConflictDoUpdate({
        target: [margins.account, margins.market],
        set: {
          marginMicro: sql`${margins.marginMicro} + excluded."marginMicro"`,
          escrowMicro: sql`${margins.escrowMicro} + excluded."escrowMicro"`,
        },
      });
}

type Change = {
  readonly account: number;
  readonly freeMicro: bigint;
  readonly marginMicro: bigint;
  readonly escrowMicro: bigint;
};

function sumByAccount(rows: readonly Change[]): Change[] {
  const sums = new Map<number, Change>();
  for (const { account, freeMicro, marginMicro, escrowMicro } of rows) {
    const sum = sums.get(account) ?? { account, freeMicro: 0n, marginMicro: 0n, escrowMicro: 0n };
    sums.set(account, {
      account,
      freeMicro: sum.freeMicro + freeMicro,
      marginMicro: sum.marginMicro + marginMicro,
      escrowMicro: sum.escrowMicro + escrowMicro,
    });
  }
  return [...sums.values()];
}
