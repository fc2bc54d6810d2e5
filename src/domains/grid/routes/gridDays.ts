import type { z } from "zod";
import { type DaySums, type GridSpan, sumDays, sumFees } from "#domains/grid/queries/exchange.ts";
import type { gridWire } from "#domains/grid/wire.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { localDay } from "#kernel/units/localDay.ts";
import { localIsoText } from "#platform/api/localTime.ts";
import type { Queryable } from "#platform/store/openStore.ts";

type Body = z.infer<typeof gridWire>;
type Day = Body["days"][number];
type Sums = Omit<Day, "date" | "startsAt">;

/** The days of a span that have an interval or a fee, by the zone's calendar. The first and the last may be cut by the span. */
export async function sumsByDay(
  db: Queryable,
  {
    timeZone,
    intervalSeconds,
    ...span
  }: GridSpan & { readonly timeZone: string; readonly intervalSeconds: number },
): Promise<Day[]> {
  const clock = createLocalClock(timeZone);
  const starts: number[] = [];
  for (let at = span.from; at < span.to; at = localDay(clock, at).to) starts.push(at);
  if (starts.length === 0) return [];
  const energy = new Map((await sumDays(db, span, starts)).map((sums) => [sums.day, sums]));
  const fees = new Map((await sumFees(db, span, starts)).map(({ day, gridFeeMicro }) => [day, gridFeeMicro]));
  return starts.flatMap((startsAt, day) => {
    if (!energy.has(day) && !fees.has(day)) return [];
    const sums = { ...NO_ENERGY, ...energy.get(day) };
    const date = localIsoText(startsAt, clock).slice(0, "YYYY-MM-DD".length);
    return [{ date, startsAt, ...sumsBody(sums, intervalSeconds, fees.get(day) ?? 0n) }];
  });
}

const NO_ENERGY: Omit<DaySums, "day"> = {
  intervals: 0,
  gridImportWh: 0n,
  gridExportWh: 0n,
  importIntervals: 0,
  exportIntervals: 0,
  peakImportWh: 0n,
  peakExportWh: 0n,
};

function sumsBody(sums: Omit<DaySums, "day">, intervalSeconds: number, gridFeeMicro: bigint): Sums {
  return {
    intervals: sums.intervals,
    gridImportWh: String(sums.gridImportWh),
    gridExportWh: String(sums.gridExportWh),
    importSeconds: sums.importIntervals * intervalSeconds,
    exportSeconds: sums.exportIntervals * intervalSeconds,
    peakImportWh: String(sums.peakImportWh),
    peakExportWh: String(sums.peakExportWh),
    gridFeeMicro: String(gridFeeMicro),
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
