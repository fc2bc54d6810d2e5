import { and, eq, inArray, sql } from "drizzle-orm";
import { allMovements, SETTLING } from "#domains/accounts/tables.ts";
import {
  type BillSums,
  type Reconciliation,
  reconcile,
  type SettledMoney,
} from "#domains/billing/rules/reconciliation.ts";
import { areas } from "#domains/metering/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { total } from "#platform/store/queries/sums.ts";
import { isWithin } from "#platform/store/sealed/restrict.ts";

/** Bills of some accounts and a time, in some areas or in all. */
export type ReconciledRange = {
  readonly areaIds?: readonly number[] | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/** Brings the bills of a time and the accounts together, by account; one without a bill has a total of nothing. */
export async function reconcileBills(
  db: Queryable,
  { accounts, ...range }: ReconciledRange & { readonly accounts: readonly number[] },
  bills: readonly (BillSums & { readonly account: number })[],
): Promise<ReadonlyMap<number, Reconciliation>> {
  const settled = await settledMoney(db, { ...range, accounts });
  const billed = new Map(bills.map((bill) => [bill.account, bill]));
  return new Map(
    accounts.map((account) => [
      account,
      reconcile(billed.get(account) ?? NO_BILL, settled.get(account) ?? NOTHING),
    ]),
  );
}

const NO_BILL: BillSums = { netMicro: 0n, gridMicro: 0n, feedInMicro: 0n, marketBillMicro: 0n };
const NOTHING: SettledMoney = { paidMicro: 0n, forEarlierMicro: 0n };

async function settledMoney(
  db: Queryable,
  { accounts, areaIds, from, to }: ReconciledRange & { readonly accounts: readonly number[] },
): Promise<Map<number, SettledMoney>> {
  if (accounts.length === 0) return new Map();
  const paid = sql`-(${allMovements.freeMicro} + ${allMovements.marginMicro} + ${allMovements.escrowMicro})`;
  const isEarlier = sql`${allMovements.intervalId} * ${areas.intervalSeconds} < ${from ?? 0}`;
  const rows = await db
    .select({
      account: allMovements.account,
      paidMicro: total(paid),
      forEarlierMicro: total(paid, isEarlier),
    })
    .from(allMovements)
    .innerJoin(areas, eq(areas.areaId, allMovements.areaId))
    .where(
      and(
        inArray(allMovements.kind, [...SETTLING]),
        inArray(allMovements.account, [...accounts]),
        areaIds === undefined ? undefined : inArray(allMovements.areaId, [...areaIds]),
        isWithin(allMovements, allMovements.timestamp, { from, to }),
      ),
    )
    .groupBy(allMovements.account);
  return new Map(rows.map(({ account, ...money }) => [account, money]));
}
