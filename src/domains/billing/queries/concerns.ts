import { and, desc, eq, inArray, sql } from "drizzle-orm";
import type { ChargeKind } from "#domains/billing/rules/charge.ts";
import { allBillLines, allCharges } from "#domains/billing/tables.ts";
import { areas } from "#domains/metering/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";
import { isWithin } from "#platform/store/sealed/restrict.ts";

/** Lines or charges of an account from a second on, in some areas or in all. */
export type ConcernRange = {
  readonly account: number;
  readonly areaIds: readonly number[] | undefined;
  readonly from: number;
};

/** Something that recurs in a time: how often, when first, and the interval that tells most of it. */
export type Recurrence = IntervalPlace & { readonly count: number; readonly firstAt: number };

/** Lines that count as zero since no reading came in time; null when there is none. */
export async function findZeroCounted(db: Queryable, range: ConcernRange): Promise<Recurrence | null> {
  const isMissing = and(isOf(allBillLines, range), eq(allBillLines.isReadingMissing, true));
  const [sums] = await db
    .select({ count: COUNT, firstAt: firstAtOf(allBillLines) })
    .from(allBillLines)
    .where(isMissing);
  const [newest] = await db
    .select({ areaId: allBillLines.areaId, intervalId: allBillLines.intervalId })
    .from(allBillLines)
    .where(isMissing)
    .orderBy(desc(allBillLines.startsAt))
    .limit(1);
  return sums && newest ? { ...sums, ...newest } : null;
}

/** Charges of a kind with an amount that is owed: their sum, and the dearest of them; null when there is none. */
export async function findOwed(
  db: Queryable,
  { kind, ...range }: ConcernRange & { kind: ChargeKind },
): Promise<(Recurrence & { readonly amountMicro: bigint; readonly energyWh: bigint }) | null> {
  const isOwed = and(isOf(allCharges, range), eq(allCharges.kind, kind), sql`${allCharges.amountMicro} > 0`);
  const [sums] = await db
    .select({
      count: COUNT,
      firstAt: firstAtOf(allCharges),
      amountMicro: total(allCharges.amountMicro),
      energyWh: total(allCharges.energyWh),
    })
    .from(allCharges)
    .where(isOwed);
  const [dearest] = await db
    .select({ areaId: allCharges.areaId, intervalId: allCharges.intervalId })
    .from(allCharges)
    .where(isOwed)
    .orderBy(desc(allCharges.amountMicro), desc(allCharges.startsAt))
    .limit(1);
  return sums && dearest ? { ...sums, ...dearest } : null;
}

/** The end of the newest interval of which an account has a line, unix seconds; null without one. */
export async function newestLineEnd(db: Queryable, range: ConcernRange): Promise<number | null> {
  const [newest] = await db
    .select({ startsAt: allBillLines.startsAt, intervalSeconds: areas.intervalSeconds })
    .from(allBillLines)
    .innerJoin(areas, eq(areas.areaId, allBillLines.areaId))
    .where(isOf(allBillLines, range))
    .orderBy(desc(allBillLines.startsAt))
    .limit(1);
  return newest ? newest.startsAt + newest.intervalSeconds : null;
}

function firstAtOf(table: typeof allBillLines | typeof allCharges) {
  return sql<number>`coalesce(min(${table.startsAt}), 0)`.mapWith(Number);
}

function isOf(table: typeof allBillLines | typeof allCharges, { account, areaIds, from }: ConcernRange) {
  return and(
    eq(table.account, account),
    areaIds === undefined ? undefined : inArray(table.areaId, [...areaIds]),
    isWithin(table, table.startsAt, { from }),
  );
}
