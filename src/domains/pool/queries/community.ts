import {
  and,
  asc,
  desc,
  eq,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  notInArray,
  type SQL,
  sql,
} from "drizzle-orm";
import { sumBilled } from "#domains/billing/queries/charges.ts";
import type { ChargeKind } from "#domains/billing/rules/charge.ts";
import { billLines, charges } from "#domains/billing/tables.ts";
import { members } from "#domains/metering/tables.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
import { intervals, trades } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { COUNT, total } from "#platform/store/queries/sums.ts";

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
      intervals: sql<number>`count(distinct ${billLines.intervalId})`.mapWith(Number),
      importWh: total(billLines.importWh),
      exportWh: total(billLines.exportWh),
      gridImportWh: total(billLines.gridImportWh),
      beyondMicro: total(billLines.beyondMicro),
      tariffBillMicro: total(billLines.tariffMicro),
    })
    .from(billLines)
    .where(and(eq(billLines.areaId, areaId), gte(billLines.startsAt, from), lt(billLines.startsAt, to)));
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
        notInArray(intervals.stage, UNCLEARED),
      ),
    )
    .orderBy(desc(intervals.intervalId))
    .limit(1);
  return row?.intervalId ?? null;
}

const UNCLEARED: Stage[] = ["collecting", "clearing"];

/** Pairs of a page that people look at; a larger market shows its largest. */
const MAX_PAIRS = 60;

/** Which account gave energy to which in an interval, largest first. */
export function listPairs(
  db: Queryable,
  { areaId, intervalId }: { areaId: number; intervalId: number },
): Promise<{ seller: number; buyer: number; energyWh: bigint }[]> {
  const energyWh = total(trades.energyWh);
  return db
    .select({ seller: trades.seller, buyer: trades.buyer, energyWh })
    .from(trades)
    .where(and(eq(trades.areaId, areaId), eq(trades.intervalId, intervalId)))
    .groupBy(trades.seller, trades.buyer)
    .orderBy(desc(energyWh), asc(trades.seller), asc(trades.buyer))
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
  const inSpan = (table: typeof billLines | typeof charges) =>
    and(
      eq(table.account, account),
      eq(table.areaId, areaId),
      gte(table.startsAt, from),
      lt(table.startsAt, to),
    );
  const charged = chargesByMember(db, inSpan(charges));
  const lines = db
    .select(lineSums(charged))
    .from(billLines)
    .leftJoin(
      charged,
      and(eq(charged.intervalId, billLines.intervalId), eq(charged.member, billLines.member)),
    )
    .where(inSpan(billLines))
    .groupBy(billLines.intervalId, billLines.startsAt)
    .orderBy(asc(billLines.startsAt))
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
  const traded = sql`case when ${charges.kind} = ${TRADES} then ${charges.energyWh} else 0 end`;
  return db
    .select({
      intervalId: charges.intervalId,
      member: charges.member,
      boughtWh: sql<bigint>`sum(greatest(${traded}, 0))`.as("chargedBoughtWh"),
      soldWh: sql<bigint>`sum(greatest(-(${traded}), 0))`.as("chargedSoldWh"),
      netMicro: sql<bigint>`sum(${charges.amountMicro})`.as("chargedMicro"),
    })
    .from(charges)
    .where(where)
    .groupBy(charges.intervalId, charges.member)
    .as("charged");
}

/** The lines of one interval; of members one after the other the tariff is known, or of none. */
function lineSums(charged: ReturnType<typeof chargesByMember>) {
  const market = sql`coalesce(${charged.netMicro}, 0) + ${billLines.beyondMicro}`;
  return {
    intervalId: billLines.intervalId,
    startsAt: billLines.startsAt,
    importWh: sql<bigint>`sum(${billLines.importWh})`.as("importWh"),
    exportWh: sql<bigint>`sum(${billLines.exportWh})`.as("exportWh"),
    boughtWh: sql<bigint>`coalesce(sum(${charged.boughtWh}), 0)`.as("boughtWh"),
    soldWh: sql<bigint>`coalesce(sum(${charged.soldWh}), 0)`.as("soldWh"),
    costMicro: sql<bigint | null>`sum(${market})`.as("costMicro"),
    tariffMicro: sql<bigint | null>`sum(${billLines.tariffMicro})`.as("tariffMicro"),
  };
}

const TRADES: ChargeKind = "pool.trades";
