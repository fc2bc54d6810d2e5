import { and, desc, eq } from "drizzle-orm";
import { allBillLines, allCharges } from "#domains/billing/tables.ts";
import { allPositions } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { total } from "#platform/store/queries/sums.ts";
import { isWithin } from "#platform/store/sealed/restrict.ts";

/** A metering point of an account. */
export type HomePlace = { readonly areaId: number; readonly member: number; readonly account: number };

type Span = { readonly from: number; readonly to: number };

/** Sums of a home's lines and charges, Wh and micro, of intervals that start in `[from, to)`. */
export async function sumHome(db: Queryable, place: HomePlace, span: Span) {
  const own = (table: typeof allBillLines | typeof allCharges) =>
    and(
      eq(table.areaId, place.areaId),
      eq(table.member, place.member),
      eq(table.account, place.account),
      isWithin(table, table.startsAt, span),
    );
  const [lines] = await db
    .select({
      importWh: total(allBillLines.importWh),
      exportWh: total(allBillLines.exportWh),
      gridImportWh: total(allBillLines.gridImportWh),
      gridExportWh: total(allBillLines.gridExportWh),
      beyondMicro: total(allBillLines.beyondMicro),
      tariffMicro: total(allBillLines.tariffMicro),
    })
    .from(allBillLines)
    .where(own(allBillLines));
  const [charged] = await db
    .select({ amountMicro: total(allCharges.amountMicro) })
    .from(allCharges)
    .where(own(allCharges));
  const { importWh, exportWh, gridImportWh, gridExportWh, beyondMicro, tariffMicro } = present(
    lines,
    "a sum",
  );
  return {
    localImportWh: importWh - gridImportWh,
    gridImportWh,
    localExportWh: exportWh - gridExportWh,
    gridExportWh,
    costMicro: beyondMicro + present(charged, "a sum").amountMicro,
    tariffMicro,
  };
}

/** The newest interval in which a home has a position; null before its first. */
export async function newestPosition(db: Queryable, { areaId, member, account }: HomePlace) {
  const [row] = await db
    .select({
      intervalId: allPositions.intervalId,
      boughtWh: allPositions.boughtWh,
      soldWh: allPositions.soldWh,
    })
    .from(allPositions)
    .where(
      and(
        eq(allPositions.account, account),
        eq(allPositions.areaId, areaId),
        eq(allPositions.member, member),
      ),
    )
    .orderBy(desc(allPositions.intervalId), desc(allPositions.attempt))
    .limit(1);
  return row ?? null;
}
