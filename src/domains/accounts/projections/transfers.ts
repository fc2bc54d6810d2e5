import { and, eq } from "drizzle-orm";
import type { AccountsEvent } from "#domains/accounts/events.ts";
import { debts } from "#domains/accounts/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { moveMoney } from "./moveMoney.ts";

/** Margin that went from seat to seat, and what is owed after it. */
export async function projectTransfer(
  tx: Queryable,
  event: AccountsEvent<"marginTransferred">,
): Promise<void> {
  const { market, from, to, paidMicro, owedMicro } = event;
  await moveMoney(tx, event, [
    { seat: from, kind: "transferred", margin: -paidMicro },
    { seat: to, kind: "transferred", margin: paidMicro },
  ]);
  await tx.delete(debts).where(and(eq(debts.market, market), eq(debts.fromSeat, from), eq(debts.toSeat, to)));
  if (owedMicro !== 0n) await tx.insert(debts).values({ market, fromSeat: from, toSeat: to, owedMicro });
}
