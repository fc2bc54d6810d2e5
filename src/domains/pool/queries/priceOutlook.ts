import { and, eq, gte, lt, notInArray } from "drizzle-orm";
import { allBillLines } from "#domains/billing/tables.ts";
import type { LocalEnergyOf, ShownPrices } from "#domains/pool/rules/priceOutlook.ts";
import { UNCLEARED_STAGES } from "#domains/pool/rules/stage.ts";
import { intervals } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { total } from "#platform/store/queries/sums.ts";
import { isWithin } from "#platform/store/sealed/restrict.ts";

type Span = { readonly areaId: number; readonly from: number; readonly to: number };

/** Local prices of the cleared intervals of an area that start in `[from, to)`, unix seconds. */
export async function readShownPrices(db: Queryable, { areaId, from, to }: Span): Promise<ShownPrices> {
  const rows = await db
    .select({ intervalId: intervals.intervalId, price: intervals.localPriceMicroPerKwh })
    .from(intervals)
    .where(
      and(
        eq(intervals.areaId, areaId),
        gte(intervals.startsAt, from),
        lt(intervals.startsAt, to),
        notInArray(intervals.stage, [...UNCLEARED_STAGES]),
      ),
    );
  return new Map(rows.map(({ intervalId, price }) => [intervalId, price]));
}

/**
 * Energy of the billed intervals of an area that start in `[from, to)`, and what of it was between neighbours: imports of
 * those who buy, exports of those who sell; of one account, or of all together.
 */
export async function readLocalEnergy(
  db: Queryable,
  { areaId, from, to, side, account }: Span & { side: "buy" | "sell"; account: number | undefined },
): Promise<LocalEnergyOf> {
  const [all, grid] =
    side === "buy"
      ? [allBillLines.importWh, allBillLines.gridImportWh]
      : [allBillLines.exportWh, allBillLines.gridExportWh];
  const rows = await db
    .select({ intervalId: allBillLines.intervalId, allWh: total(all), gridWh: total(grid) })
    .from(allBillLines)
    .where(
      and(
        eq(allBillLines.areaId, areaId),
        isWithin(allBillLines, allBillLines.startsAt, { from, to }),
        account === undefined ? undefined : eq(allBillLines.account, account),
      ),
    )
    .groupBy(allBillLines.intervalId);
  return new Map(
    rows.map(({ intervalId, allWh, gridWh }) => [intervalId, { allWh, localWh: allWh - gridWh }]),
  );
}
