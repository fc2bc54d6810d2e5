import { and, asc, between, eq, type SQL } from "drizzle-orm";
import type { Queryable } from "#platform/store/openStore.ts";
import { isBetweenIntervals } from "#platform/store/sealed/restrict.ts";
import { GROUP_INTERVALS } from "#platform/store/sealed/sealedTable.ts";
import { columnOf, type ExportedTable } from "./exportedTables.ts";

/** Rows of an area, of intervals from `first` to `last` where a table has intervals. */
export type RowRange = { readonly areaId: number; readonly first: number; readonly last: number };

export type Row = Readonly<Record<string, unknown>>;

/** What makes the order of rows within an interval, as far as a table has it. */
const ORDER = ["step", "page", "attempt", "number", "member", "side", "kind", "orderId", "account", "seat"];

/** Rows page by page, in the order of their intervals: a page is a day of quarter-hours, or a table without intervals. */
export async function* readRows(
  db: Queryable,
  table: ExportedTable,
  range: RowRange,
): AsyncGenerator<readonly Row[]> {
  const interval = columnOf(table, "intervalId");
  if (!interval) {
    yield await readPage(db, table, { areaId: range.areaId, where: undefined });
    return;
  }
  for (let first = range.first; first <= range.last; first += GROUP_INTERVALS) {
    const last = Math.min(first + GROUP_INTERVALS - 1, range.last);
    const groupNumber = columnOf(table, "groupNumber");
    const where = groupNumber
      ? isBetweenIntervals({ intervalId: interval, groupNumber }, { first, last })
      : between(interval, first, last);
    const rows = await readPage(db, table, { areaId: range.areaId, where });
    if (rows.length > 0) yield rows;
  }
}

async function readPage(
  db: Queryable,
  table: ExportedTable,
  { areaId, where }: { readonly areaId: number; readonly where: SQL | undefined },
): Promise<readonly Row[]> {
  const area = columnOf(table, "areaId");
  const columns = Object.fromEntries(table.columns.map(({ field, column }) => [field, column]));
  const order = ["intervalId", ...ORDER].flatMap((field) => columnOf(table, field) ?? []);
  return db
    .select(columns)
    .from(table.source)
    .where(and(area ? eq(area, areaId) : undefined, where))
    .orderBy(...order.map((column) => asc(column)));
}
