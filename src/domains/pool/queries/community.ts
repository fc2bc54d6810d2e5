import { and, asc, desc, eq, inArray, isNotNull, isNull, lte, notInArray, type SQL, sql } from "drizzle-orm";
import { sumBilled } from "#domains/billing/queries/charges.ts";
import type { ChargeKind } from "#domains/billing/rules/charge.ts";
import { allBillLines, allCharges, allMeterLines } from "#domains/billing/tables.ts";
import { members } from "#domains/metering/tables.ts";
import { UNCLEARED_STAGES } from "#domains/pool/rules/stage.ts";
import { allTrades, intervals } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";
import { isOfInterval, isWithin } from "#platform/store/sealed/restrict.ts";

/** Sums over all members of an area, intervals that start in `[from, to)`; lines without a tariff count in energy only. */
export type DaySums = {
  readonly intervals: number;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly gridImportWh: bigint;
  readonly marketBillMicro: bigint;
  readonly tariffBillMicro: bigint;
};

export async function sumDay(
  db: Queryable,
  { areaId, from, to }: { areaId: number; from: number; to: number },
): Promise<DaySums> {
  const [row] = await db
    .select({
      intervals: sql<number>`count(distinct ${allBillLines.intervalId})`.mapWith(Number),
      importWh: total(allBillLines.importWh),
      exportWh: total(allBillLines.exportWh),
      gridImportWh: total(allBillLines.gridImportWh),
      beyondMicro: total(allBillLines.beyondMicro),
      tariffBillMicro: total(allBillLines.tariffMicro),
    })
    .from(allBillLines)
    .where(and(eq(allBillLines.areaId, areaId), isWithin(allBillLines, allBillLines.startsAt, { from, to })));
  const { beyondMicro, ...sums } = present(row, "the row of an aggregate");
  return { ...sums, marketBillMicro: beyondMicro + (await sumBilled(db, { areaIds: [areaId], from, to })) };
}

/** Local prices that intervals of an area showed, micro per kWh, of those intervals that had a trade. */
export async function listPrices(
  db: Queryable,
  { areaId, intervalIds }: { areaId: number; intervalIds: readonly number[] },
): Promise<bigint[]> {
  const rows = await db
    .select({ price: intervals.localPriceMicroPerKwh })
    .from(intervals)
    .where(
      and(
        eq(intervals.areaId, areaId),
        inArray(intervals.intervalId, [...intervalIds]),
        isNotNull(intervals.localPriceMicroPerKwh),
      ),
    );
  return rows.flatMap(({ price }) => (price === null ? [] : [price]));
}

/** The newest interval of an area in which energy was traded, and its price; null before the first. */
export async function newestTraded(
  db: Queryable,
  areaId: number,
): Promise<{ intervalId: number; priceMicroPerKwh: bigint | null } | null> {
  const [row] = await db
    .select({ intervalId: intervals.intervalId, priceMicroPerKwh: intervals.localPriceMicroPerKwh })
    .from(intervals)
    .where(and(eq(intervals.areaId, areaId), isNotNull(intervals.localPriceMicroPerKwh)))
    .orderBy(desc(intervals.startsAt))
    .limit(1);
  return row ?? null;
}

/** The newest interval of an area up to a number that was cleared, traded or not; null before the first. */
export async function newestCleared(
  db: Queryable,
  { areaId, upTo }: { areaId: number; upTo: number },
): Promise<number | null> {
  const [row] = await db
    .select({ intervalId: intervals.intervalId })
    .from(intervals)
    .where(
      and(
        eq(intervals.areaId, areaId),
        lte(intervals.intervalId, upTo),
        notInArray(intervals.stage, [...UNCLEARED_STAGES]),
      ),
    )
    .orderBy(desc(intervals.intervalId))
    .limit(1);
  return row?.intervalId ?? null;
}

/** Pairs of a page that people look at; a larger market shows its largest. */
const MAX_PAIRS = 60;

/** Which account gave energy to which in an interval, largest first. */
export function listPairs(
  db: Queryable,
  { areaId, intervalId }: { areaId: number; intervalId: number },
): Promise<{ seller: number; buyer: number; energyWh: bigint }[]> {
  const energyWh = total(allTrades.energyWh);
  return db
    .select({ seller: allTrades.seller, buyer: allTrades.buyer, energyWh })
    .from(allTrades)
    .where(isOfInterval(allTrades, { areaId, intervalId }))
    .groupBy(allTrades.seller, allTrades.buyer)
    .orderBy(desc(energyWh), asc(allTrades.seller), asc(allTrades.buyer))
    .limit(MAX_PAIRS);
}

/** Metering points of the area. */
export async function countHomes(db: Queryable, areaId: number): Promise<number> {
  const [row] = await db
    .select({ homes: COUNT })
    .from(members)
    .where(and(eq(members.areaId, areaId), isNotNull(members.meterId), isNull(members.retiredAt)));
  return row?.homes ?? 0;
}

/** An account's intervals in an area in columns, oldest first; costs in micro, null where the tariff is not known. */
export type SeriesColumns = {
  readonly intervalId: number[];
  readonly startsAt: number[];
  readonly importWh: number[];
  readonly exportWh: number[];
  readonly boughtWh: number[];
  readonly soldWh: number[];
  readonly costMicro: (string | null)[];
  readonly tariffMicro: (string | null)[];
};

/**
 * Columns of an account's intervals for charts, all its members in the area together. The database puts each column into one
 * text: 35,040 rows one by one take the driver ten times as long.
 */
export async function readSeries(
  db: Queryable,
  {
    account,
    areaId,
    from,
    to,
    limit,
  }: { account: number; areaId: number; from: number; to: number; limit: number },
): Promise<SeriesColumns> {
  const inSpan = (table: typeof allMeterLines | typeof allCharges) =>
    and(eq(table.account, account), eq(table.areaId, areaId), isWithin(table, table.startsAt, { from, to }));
  const charged = chargesByMember(db, inSpan(allCharges));
  const lines = db
    .select(lineSums(charged))
    .from(allMeterLines)
    .leftJoin(
      charged,
      and(eq(charged.intervalId, allMeterLines.intervalId), eq(charged.member, allMeterLines.member)),
    )
    .where(inSpan(allMeterLines))
    .groupBy(allMeterLines.intervalId, allMeterLines.startsAt)
    .orderBy(asc(allMeterLines.startsAt))
    .limit(limit)
    .as("lines");
  const column = <Value>(expression: SQL) =>
    sql<Value[]>`coalesce(json_agg(${expression} order by ${lines.startsAt}), '[]')::text`.mapWith(
      JSON.parse,
    );
  const [columns] = await db
    .select({
      intervalId: column<number>(sql`${lines.intervalId}`),
      startsAt: column<number>(sql`${lines.startsAt}`),
      importWh: column<number>(sql`${lines.importWh}`),
      exportWh: column<number>(sql`${lines.exportWh}`),
      boughtWh: column<number>(sql`${lines.boughtWh}`),
      soldWh: column<number>(sql`${lines.soldWh}`),
      costMicro: column<string | null>(sql`${lines.costMicro}::text`),
      tariffMicro: column<string | null>(sql`${lines.tariffMicro}::text`),
    })
    .from(lines);
  return present(columns, "the row of an aggregate");
}

/** What members of one area bought and sold in each interval, and what all their charges come to. */
function chargesByMember(db: Queryable, where: SQL | undefined) {
  const traded = sql`case when ${allCharges.kind} = ${TRADES} then ${allCharges.energyWh} else 0 end`;
  return db
    .select({
      intervalId: allCharges.intervalId,
      member: allCharges.member,
      boughtWh: sql<bigint>`sum(greatest(${traded}, 0))`.as("chargedBoughtWh"),
      soldWh: sql<bigint>`sum(greatest(-(${traded}), 0))`.as("chargedSoldWh"),
      netMicro: sql<bigint>`sum(${allCharges.amountMicro})`.as("chargedMicro"),
    })
    .from(allCharges)
    .where(where)
    .groupBy(allCharges.intervalId, allCharges.member)
    .as("charged");
}

/** The lines of one interval; of members one after the other the tariff is known, or of none. */
function lineSums(charged: ReturnType<typeof chargesByMember>) {
  const market = sql`coalesce(${charged.netMicro}, 0) + ${allMeterLines.beyondMicro}`;
  return {
    intervalId: allMeterLines.intervalId,
    startsAt: allMeterLines.startsAt,
    importWh: sql<bigint>`sum(${allMeterLines.importWh})`.as("importWh"),
    exportWh: sql<bigint>`sum(${allMeterLines.exportWh})`.as("exportWh"),
    boughtWh: sql<bigint>`coalesce(sum(${charged.boughtWh}), 0)`.as("boughtWh"),
    soldWh: sql<bigint>`coalesce(sum(${charged.soldWh}), 0)`.as("soldWh"),
    costMicro: sql<bigint | null>`sum(${market})`.as("costMicro"),
    tariffMicro: sql<bigint | null>`sum(${allMeterLines.tariffMicro})`.as("tariffMicro"),
  };
}

const TRADES: ChargeKind = "pool.trades";
