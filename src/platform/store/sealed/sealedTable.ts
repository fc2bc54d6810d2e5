import { getTableColumns } from "drizzle-orm";
import { integer, type PgColumn, type PgColumnBuilderBase, type PgTable, pgTable } from "drizzle-orm/pg-core";
import { seconds } from "#platform/store/columns.ts";

/**
 * Consecutive intervals of an area that are sealed together: a day of quarter-hours. Fewer compress less; more make every
 * look at one interval longer.
 */
export const GROUP_INTERVALS = 96;

/**
 * A table whose old rows are sealed: moved into one row for all those of a group that share some columns, with an array in
 * place of every other column (docs/decisions/016). The table itself holds the others, which are live. It has the columns
 * `areaId` and `intervalId`, and an index of both.
 *
 * @property views live and sealed rows together, the first with all columns; see {@link sealedView}
 * @property shared columns that the rows of a sealed row have in common, `areaId` among them; by the first of them it is found
 * @property time number that rises with the interval and that queries restrict, if there is one: unix seconds, or a block
 * @property key hash by which a single row is looked up, if there is one
 */
export type SealedTable = {
  readonly table: PgTable;
  readonly views: readonly [PgTable, ...PgTable[]];
  readonly shared: readonly [PgColumn, ...PgColumn[]];
  readonly time?: PgColumn;
  readonly key?: PgColumn;
};

/** Intervals of an area whose rows are sealed together. */
export type IntervalGroup = { readonly areaId: number; readonly groupNumber: number };

/** The group that an interval belongs to, by its number alone. */
export function groupOf(intervalId: number): number {
  return Math.floor(intervalId / GROUP_INTERVALS);
}

/**
 * Columns that a view has beside those of its table. They are known of a sealed row as a whole, so that a condition on them
 * keeps the others shut: `firstAt` and `lastAt` are the ends of its `time`, and null in a table without.
 */
const sealColumns = () => ({ groupNumber: integer().notNull(), firstAt: seconds(), lastAt: seconds() });

/**
 * A view of live and sealed rows with columns of the table. Fewer columns are read faster, as each is unpacked by itself. It
 * is for reading alone.
 */
export function sealedView<Name extends string, Columns extends Record<string, PgColumnBuilderBase>>(
  name: Name,
  columns: Columns,
) {
  return pgTable(name, { ...columns, ...sealColumns() });
}

/** Columns of a view that its table has. */
export function tableColumns<View extends PgTable>(
  view: View,
): Omit<View["_"]["columns"], keyof ReturnType<typeof sealColumns>> {
  const { groupNumber: _group, firstAt: _first, lastAt: _last, ...columns } = getTableColumns(view);
  return columns;
}
