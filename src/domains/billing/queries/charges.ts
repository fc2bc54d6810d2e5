import { and, desc, eq, inArray, isNotNull, isNull, or, type SQL, sql } from "drizzle-orm";
import { type Charge, type ChargeKind, type ChargeSum, sumCharged } from "#domains/billing/rules/charge.ts";
import { allBillLines, allCharges } from "#domains/billing/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { total } from "#platform/store/queries/sums.ts";
import { isWithin } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";

/** Charges of intervals that start in `[from, to)`, unix seconds. */
export type ChargeRange = {
  readonly areaIds?: readonly number[] | undefined;
  readonly accounts?: readonly number[] | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/** A charge's interval and member, and its amounts. */
type ChargePlace = Pick<Charge, "areaId" | "intervalId" | "member">;

/** Gives lines their charges, and what these come to. One query, however many lines they are. */
export async function withCharges<Line extends ChargePlace & { account: number; startsAt: number }>(
  db: Queryable,
  lines: readonly Line[],
): Promise<(Line & { readonly charges: readonly ChargeSum[]; readonly netMicro: bigint })[]> {
  const rows = lines.length === 0 ? [] : await chargesOfLines(db, lines);
  const byLine = new Map<string, ChargeSum[]>();
  for (const { kind, energyWh, amountMicro, ...place } of rows) {
    const known = byLine.get(keyOf(place)) ?? [];
    known.push({ kind, energyWh, amountMicro });
    byLine.set(keyOf(place), known);
  }
  return lines.map((line) => {
    const own = byLine.get(keyOf(line)) ?? [];
    return { ...line, charges: own, netMicro: sumCharged(own) };
  });
}

async function chargesOfLines(
  db: Queryable,
  lines: readonly { readonly account: number; readonly startsAt: number }[],
) {
  const starts = lines.map(({ startsAt }) => startsAt);
  const span = { from: Math.min(...starts), to: Math.max(...starts) + 1 };
  return db
    .select(tableColumns(allCharges))
    .from(allCharges)
    .where(
      and(
        inArray(allCharges.account, [...new Set(lines.map(({ account }) => account))]),
        isWithin(allCharges, allCharges.startsAt, span),
      ),
    )
    .orderBy(desc(allCharges.kind));
}

function keyOf({ areaId, intervalId, member }: ChargePlace): string {
  return `${areaId} ${intervalId} ${member}`;
}

/**
 * A sum of charges of one group.
 *
 * @property billedMicro what of the amount counts in a bill: not that of lines whose tariff is not known
 */
export type GroupedCharge = ChargeSum & { readonly group: number; readonly billedMicro: bigint };

/** Charges by group, kind, and whether they are for energy that was taken or given. A group is a number for each charge. */
export function sumCharges(db: Queryable, range: ChargeRange, group: SQL<number>): Promise<GroupedCharge[]> {
  const direction = sql`sign(coalesce(${allCharges.energyWh}, 0))`;
  return db
    .select({
      group: group.mapWith(Number),
      kind: allCharges.kind,
      energyWh: sql<bigint | null>`sum(${allCharges.energyWh})`.mapWith(BigInt),
      amountMicro: total(allCharges.amountMicro),
      billedMicro: total(allCharges.amountMicro, isBilled()),
    })
    .from(allCharges)
    .leftJoin(allBillLines, isLineOfCharge(range))
    .where(inRange(range))
    .groupBy(group, allCharges.kind, direction)
    .orderBy(desc(allCharges.kind), desc(direction));
}

/** What all charges of a range add to bills, micro. */
export async function sumBilled(db: Queryable, range: ChargeRange): Promise<bigint> {
  const [row] = await db
    .select({ billedMicro: total(allCharges.amountMicro, isBilled()) })
    .from(allCharges)
    .leftJoin(allBillLines, isLineOfCharge(range))
    .where(inRange(range));
  return row?.billedMicro ?? 0n;
}

/** Kinds that occur, by name. */
export async function kindsOfCharges(db: Queryable, range: ChargeRange): Promise<ChargeKind[]> {
  const rows = await db
    .selectDistinct({ kind: allCharges.kind })
    .from(allCharges)
    .where(inRange(range))
    .orderBy(desc(allCharges.kind));
  return rows.map(({ kind }) => kind);
}

/** The range is that of the charges, said once more of the lines: no row tells the other which sealed rows to open. */
function isLineOfCharge(range: ChargeRange) {
  return and(
    inRange(range, allBillLines),
    eq(allBillLines.areaId, allCharges.areaId),
    eq(allBillLines.intervalId, allCharges.intervalId),
    eq(allBillLines.member, allCharges.member),
  );
}

/** A charge without a line of the meter counts, one of a line without a tariff does not. */
function isBilled() {
  return or(isNull(allBillLines.member), isNotNull(allBillLines.tariffMicro));
}

function inRange(
  { areaIds, accounts, from, to }: ChargeRange,
  table: typeof allCharges | typeof allBillLines = allCharges,
) {
  return and(
    areaIds === undefined ? undefined : inArray(table.areaId, [...areaIds]),
    accounts === undefined ? undefined : inArray(table.account, [...accounts]),
    isWithin(table, table.startsAt, { from, to }),
  );
}
