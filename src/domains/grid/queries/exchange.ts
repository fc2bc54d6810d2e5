import { and, asc, eq, gt, gte, lt, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { gridFees } from "#domains/billing/tables.ts";
import { areaExchange, missingReadings } from "#domains/metering/tables.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { COUNT } from "#platform/store/queries/sums.ts";

/** Intervals of an area that start in `[from, to)`, unix seconds. */
export type GridSpan = { readonly areaId: number; readonly from: number; readonly to: number };

/**
 * How intervals are put together: those of each `stepSeconds`, counted from 1970; or those from each of `starts` to before
 * the next, which are of the span, unix seconds, the first its beginning.
 */
export type GridSteps = { readonly stepSeconds: number } | { readonly starts: readonly number[] };

/**
 * What an area exchanged with the grid, step by step, in columns: the oldest first, from the first step of which something is
 * known to the last. `intervals` of a step have readings; where none has, its energy is null. Energy by direction, each over
 * the intervals that had it, Wh. `gridFeeMicro` is null as long as nothing of a step is settled.
 */
export type GridColumns = {
  readonly startsAt: readonly number[];
  readonly intervals: readonly number[];
  readonly importIntervals: readonly number[];
  readonly exportIntervals: readonly number[];
  readonly gridImportWh: readonly (number | null)[];
  readonly gridExportWh: readonly (number | null)[];
  readonly peakImportWh: readonly (number | null)[];
  readonly peakExportWh: readonly (number | null)[];
  readonly gridFeeMicro: readonly (string | null)[];
};

/**
 * The database puts each column into one text: 35,040 rows one by one take the driver ten times as long. Steps are joined by
 * grouping: of rows that it has no statistics of, the planner compares each with each.
 */
export async function readGridColumns(db: Queryable, span: GridSpan, steps: GridSteps): Promise<GridColumns> {
  const { rows } = await db.execute<Record<keyof GridColumns, string>>(sql`
    with known as (${knownIntervals(span)}),
    every as (
      select "startsAt", "netWh", "gridFeeMicro" from known
      union all select "startsAt", null, null from (${stepsAmong(steps)}) steps
    ),
    sums as (
      select ${stepOf(steps, sql`"startsAt"`)} as "startsAt",
        count("netWh") as "intervals",
        count(*) filter (where "netWh" > 0) as "importIntervals",
        count(*) filter (where "netWh" < 0) as "exportIntervals",
        sum(greatest("netWh", 0)) filter (where "netWh" is not null) as "gridImportWh",
        sum(greatest(-"netWh", 0)) filter (where "netWh" is not null) as "gridExportWh",
        max(greatest("netWh", 0)) filter (where "netWh" is not null) as "peakImportWh",
        max(greatest(-"netWh", 0)) filter (where "netWh" is not null) as "peakExportWh",
        sum("gridFeeMicro")::text as "gridFeeMicro"
      from every group by 1
    )
    select ${sql.join(COLUMNS.map(columnOf), sql`, `)} from sums`);
  const columns = Object.entries(present(rows[0], "the row of an aggregate"));
  return Object.fromEntries(columns.map(([name, text]) => [name, JSON.parse(text)])) as GridColumns;
}

const COLUMNS = [
  "startsAt",
  "intervals",
  "importIntervals",
  "exportIntervals",
  "gridImportWh",
  "gridExportWh",
  "peakImportWh",
  "peakExportWh",
  "gridFeeMicro",
] as const satisfies readonly (keyof GridColumns)[];

function columnOf(name: keyof GridColumns): SQL {
  const column = sql.identifier(name);
  return sql`coalesce(json_agg(${column} order by "startsAt"), '[]')::text as ${column}`;
}

/** Intervals of which something is known: what the area exchanged, or a fee. No row of theirs is opened that is sealed. */
function knownIntervals(span: GridSpan): SQL {
  return sql`
    select coalesce(exchange."startsAt", fees."startsAt") as "startsAt", exchange."netWh", exchange."meters",
      fees."gridFeeMicro"
    from (
      select ${areaExchange.startsAt}, ${areaExchange.netWh}, ${areaExchange.meters}
      from ${areaExchange} where ${inSpan(areaExchange, span)}
    ) exchange full join (
      select ${gridFees.startsAt}, sum(${gridFees.amountMicro}) as "gridFeeMicro"
      from ${gridFees} where ${inSpan(gridFees, span)} group by 1
    ) fees on fees."startsAt" = exchange."startsAt"
    where exchange."netWh" is not null or fees."gridFeeMicro" <> 0`;
}

/** Not parameters: the expression must be the same text where it is selected and where it groups. */
function stepOf(steps: GridSteps, startsAt: SQL): SQL {
  if ("stepSeconds" in steps) return sql`${startsAt} - ${startsAt} % ${wholeNumber(steps.stepSeconds)}`;
  const starts = arrayOf(steps.starts);
  return sql`(${starts})[width_bucket(${startsAt}, ${starts})]`;
}

/** All steps from the first of which something is known to the last, also those between of which nothing is: a gap is a gap. */
function stepsAmong(steps: GridSteps): SQL {
  const first = sql`(select ${stepOf(steps, sql`min("startsAt")`)} from known)`;
  const last = sql`(select ${stepOf(steps, sql`max("startsAt")`)} from known)`;
  if ("stepSeconds" in steps)
    return sql`select generate_series(${first}, ${last}, ${wholeNumber(steps.stepSeconds)}) as "startsAt"`;
  return sql`
    select "startsAt" from unnest(${arrayOf(steps.starts)}) as all_steps("startsAt")
    where "startsAt" between ${first} and ${last}`;
}

function arrayOf(numbers: readonly number[]): SQL {
  return sql`array[${sql.join(numbers.map(wholeNumber), sql`, `)}]::bigint[]`;
}

function wholeNumber(number: number): SQL {
  return sql.raw(BigInt(number).toString());
}

/** An interval of which something is known; `netWh` is null without a reading, `gridFeeMicro` before a settlement. */
export type GridInterval = {
  readonly startsAt: number;
  readonly netWh: number | null;
  readonly meters: number;
  readonly missing: number;
  readonly gridFeeMicro: string | null;
};

/** Each interval of the span of which something is known, the oldest first. */
export async function listGridIntervals(db: Queryable, span: GridSpan): Promise<GridInterval[]> {
  const { rows } = await db.execute<{ intervals: string }>(sql`
    with every as (
      select "startsAt", "netWh", "meters", null::bigint as "missing", "gridFeeMicro", true as "isKnown"
      from (${knownIntervals(span)}) known
      union all select ${missingReadings.startsAt}, null, null, count(*), null, false
      from ${missingReadings} where ${inSpan(missingReadings, span)} group by 1
    ),
    intervals as (
      select "startsAt", max("netWh") as "netWh", coalesce(max("meters"), 0) as "meters",
        coalesce(max("missing"), 0) as "missing", max("gridFeeMicro")::text as "gridFeeMicro"
      from every group by 1 having bool_or("isKnown")
    )
    select coalesce(json_agg(json_build_array("startsAt", "netWh", "meters", "missing", "gridFeeMicro")
      order by "startsAt"), '[]')::text as "intervals"
    from intervals`);
  const intervals = JSON.parse(present(rows[0], "the row of an aggregate").intervals) as IntervalCells[];
  return intervals.map(([startsAt, netWh, meters, missing, gridFeeMicro]) => ({
    startsAt,
    netWh,
    meters,
    missing,
    gridFeeMicro,
  }));
}

type IntervalCells = [
  startsAt: number,
  netWh: number | null,
  meters: number,
  missing: number,
  gridFeeMicro: string | null,
];

/** An interval and what went into one direction, Wh. */
export type Peak = { readonly intervalId: number; readonly startsAt: number; readonly energyWh: number };

/** The interval of the span with most energy in a direction, the earliest of equals; null when there was none. */
export async function findPeak(
  db: Queryable,
  span: GridSpan,
  direction: "import" | "export",
): Promise<Peak | null> {
  const { intervalId, startsAt, netWh } = areaExchange;
  const energy = direction === "import" ? sql`${netWh}` : sql`-${netWh}`;
  const [peak] = await db
    .select({ intervalId, startsAt, energyWh: energy.mapWith(Number) as SQL<number> })
    .from(areaExchange)
    .where(and(inSpan(areaExchange, span), gt(energy, 0)))
    .orderBy(sql`${energy} desc`, asc(startsAt))
    .limit(1);
  return peak ?? null;
}

/** Intervals of the span that exchanged more than `limitWh` in either direction. */
export async function countAbove(db: Queryable, span: GridSpan, limitWh: number): Promise<number> {
  const isAbove = gt(sql`abs(${areaExchange.netWh})`, sql`${limitWh}::double precision`);
  const [row] = await db
    .select({ count: COUNT })
    .from(areaExchange)
    .where(and(inSpan(areaExchange, span), isAbove));
  return row?.count ?? 0;
}

/** Rows of an area whose intervals start in the span. */
export function inSpan(
  table: { readonly areaId: PgColumn; readonly startsAt: PgColumn },
  { areaId, from, to }: GridSpan,
): SQL | undefined {
  return and(eq(table.areaId, areaId), gte(table.startsAt, from), lt(table.startsAt, to));
}
