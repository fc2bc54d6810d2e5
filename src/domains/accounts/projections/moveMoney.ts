import { sql } from "drizzle-orm";
import { balances, type MovementKind, movements } from "#domains/accounts/tables.ts";
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

type Cause = EventPlace & { readonly areaId?: number; readonly intervalId?: number };

/** Books what an event moved; changes of nothing are left out. */
export async function moveMoney(tx: Queryable, cause: Cause, list: readonly Movement[]): Promise<void> {
  const rows = list
    .map(({ account, kind, free = 0n, margin = 0n, escrow = 0n }) => ({
      block: cause.block,
      logIndex: cause.logIndex,
      account,
      kind,
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
  const changes = sumByAccount(rows);
  for (let at = 0; at < changes.length; at += MAX_ROWS) {
    await tx
      .insert(balances)
      .values(changes.slice(at, at + MAX_ROWS))
      .onConflictDoUpdate({
        target: balances.account,
        set: {
          freeMicro: sql`${balances.freeMicro} + excluded."freeMicro"`,
          marginMicro: sql`${balances.marginMicro} + excluded."marginMicro"`,
          escrowMicro: sql`${balances.escrowMicro} + excluded."escrowMicro"`,
        },
      });
  }
}

type Change = typeof balances.$inferInsert;

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
