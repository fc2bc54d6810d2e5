import type { z } from "zod";
import { type GridColumns, type GridSpan, readGridColumns } from "#domains/grid/queries/exchange.ts";
import type { gridWire } from "#domains/grid/wire.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { periodStarts } from "#kernel/units/localPeriods.ts";
import { localIsoText } from "#platform/api/localTime.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { MOST_DAYS } from "./gridSpan.ts";

type Body = z.infer<typeof gridWire>;
type Day = Body["days"][number];
type Sums = Omit<Day, "date" | "startsAt">;

/** The days of a span of which something is known, by the zone's calendar. The first and the last may be cut by the span. */
export async function sumsByDay(
  db: Queryable,
  span: GridSpan,
  { timeZone, intervalSeconds }: { readonly timeZone: string; readonly intervalSeconds: number },
): Promise<Day[]> {
  const clock = createLocalClock(timeZone);
  const starts = periodStarts(clock, { ...span, of: "day", most: MOST_DAYS });
  if (starts.length === 0) return [];
  const columns = await readGridColumns(db, span, { starts });
  return columns.startsAt.flatMap((startsAt, i) => {
    const isKnown = columns.intervals[i] !== 0 || (columns.gridFeeMicro[i] ?? null) !== null;
    const date = localIsoText(startsAt, clock).slice(0, "YYYY-MM-DD".length);
    return isKnown ? [{ date, startsAt, ...dayBody(columns, i, intervalSeconds) }] : [];
  });
}

function dayBody(columns: GridColumns, i: number, intervalSeconds: number): Sums {
  return {
    intervals: columns.intervals[i] ?? 0,
    gridImportWh: String(columns.gridImportWh[i] ?? 0),
    gridExportWh: String(columns.gridExportWh[i] ?? 0),
    importSeconds: (columns.importIntervals[i] ?? 0) * intervalSeconds,
    exportSeconds: (columns.exportIntervals[i] ?? 0) * intervalSeconds,
    peakImportWh: String(columns.peakImportWh[i] ?? 0),
    peakExportWh: String(columns.peakExportWh[i] ?? 0),
    gridFeeMicro: columns.gridFeeMicro[i] ?? "0",
  };
}

/** Days together. */
export function sumsOf(days: readonly Day[]): Sums {
  const number = (valueIn: (day: Day) => number) => days.reduce((sum, day) => sum + valueIn(day), 0);
  const whole = (valueIn: (day: Day) => string) =>
    String(days.reduce((sum, day) => sum + BigInt(valueIn(day)), 0n));
  const most = (valueIn: (day: Day) => string) =>
    String(days.reduce((peak, day) => (BigInt(valueIn(day)) > peak ? BigInt(valueIn(day)) : peak), 0n));
  return {
    intervals: number((day) => day.intervals),
    gridImportWh: whole((day) => day.gridImportWh),
    gridExportWh: whole((day) => day.gridExportWh),
    importSeconds: number((day) => day.importSeconds),
    exportSeconds: number((day) => day.exportSeconds),
    peakImportWh: most((day) => day.peakImportWh),
    peakExportWh: most((day) => day.peakExportWh),
    gridFeeMicro: whole((day) => day.gridFeeMicro),
  };
}

/** Fees of the days by their months. */
export function sumsByMonth(days: readonly Day[]): Body["months"] {
  const months = new Map<string, bigint>();
  for (const { date, gridFeeMicro } of days) {
    const month = date.slice(0, "YYYY-MM".length);
    months.set(month, (months.get(month) ?? 0n) + BigInt(gridFeeMicro));
  }
  return [...months].map(([month, micro]) => ({ month, gridFeeMicro: String(micro) }));
}
