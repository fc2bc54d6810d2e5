import type { ChargeKind } from "#domains/billing/rules/charge.ts";
import { gridFees } from "#domains/billing/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { replaceRows } from "#platform/store/workingSet.ts";
import type { BilledInterval } from "./bills.ts";

/**
 * Writes what settlements of an interval have paid to the area's grid operator by one rule of one field, in place of what was
 * written by it before. Nothing is an amount too: it says that the field has settled the interval, and no fee came of it.
 */
export async function writeGridFee(
  tx: Queryable,
  { areaId, intervalId, startsAt }: BilledInterval,
  { kind, amountMicro }: { readonly kind: ChargeKind; readonly amountMicro: bigint },
): Promise<void> {
  await replaceRows(
    tx,
    gridFees,
    { areaId, intervalId },
    {
      isReplaced: (row) => row.kind === kind,
      by: [{ areaId, intervalId, startsAt, kind, amountMicro }],
    },
  );
}
