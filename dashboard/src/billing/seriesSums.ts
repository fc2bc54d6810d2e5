import type { z } from "zod";
import type { seriesWire } from "#domains/billing/wireSeries.ts";
import type { Behind } from "./EnergyFigures.tsx";

export type EnergySeries = z.infer<typeof seriesWire>;

/** Columns of a chart: energy in kWh, money in whole currency; null where nothing is known. */
export type ChartColumns = {
  readonly times: readonly number[];
  readonly used: readonly (number | null)[];
  readonly made: readonly (number | null)[];
  readonly cost: readonly (number | null)[];
  readonly tariff: readonly (number | null)[];
};

type Column = readonly (number | null)[];

const WH_PER_KWH = 1_000;
const MICRO_PER_UNIT = 1_000_000;

/** Whether the home has sub-meters, so that consumption and generation are known, and not only what passed the meter. */
export function isSubMetered({ loadWh }: EnergySeries): boolean {
  return loadWh.some((wh) => wh !== null);
}

/** What stayed at home of the own generation, as far as sub-meters know; null without them. */
export function sumBehind(series: EnergySeries): Behind {
  if (!isSubMetered(series)) return null;
  const sum = { loadWh: 0, pvWh: 0, ownPvWh: 0 };
  series.startsAt.forEach((_, i) => {
    const pvWh = series.pvWh[i] ?? 0;
    sum.loadWh += series.loadWh[i] ?? 0;
    sum.pvWh += pvWh;
    sum.ownPvWh += Math.max(0, pvWh - (series.exportWh[i] ?? 0));
  });
  return sum;
}

/** Each interval as it is. */
export function byInterval(series: EnergySeries): ChartColumns {
  const { used, made } = energyColumns(series);
  return {
    times: series.startsAt,
    used: used.map(kwh),
    made: made.map(kwh),
    cost: series.costMicro.map(money),
    tariff: series.tariffMicro.map(money),
  };
}

/** The last `seconds` of what was measured. */
export function lastPart(series: EnergySeries, seconds: number): EnergySeries {
  const end = (series.startsAt.at(-1) ?? 0) + series.intervalSeconds;
  const first = series.startsAt.findIndex((at) => at >= end - seconds);
  const columns = Object.entries(series).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.slice(Math.max(0, first)) : value,
  ]);
  return Object.fromEntries(columns) as EnergySeries;
}

/** Sums of days, which begin at `starts`; a day without an interval is null. */
export function byDay(series: EnergySeries, starts: readonly number[]): ChartColumns {
  const { used, made } = energyColumns(series);
  const dayOf = dayIndices(series.startsAt, starts);
  const sum = (column: Column) => sumByDay(column, dayOf, starts.length);
  return {
    times: starts,
    used: sum(used).map(kwh),
    made: sum(made).map(kwh),
    cost: sum(series.costMicro.map(money)),
    tariff: sum(series.tariffMicro.map(money)),
  };
}

function energyColumns(series: EnergySeries): { used: Column; made: Column } {
  if (isSubMetered(series)) return { used: series.loadWh, made: series.pvWh };
  return { used: series.importWh, made: series.exportWh };
}

/** The day of each interval; both rise. */
function dayIndices(startsAt: readonly number[], starts: readonly number[]): number[] {
  let day = 0;
  return startsAt.map((at) => {
    while (day + 1 < starts.length && at >= (starts[day + 1] ?? Number.POSITIVE_INFINITY)) day += 1;
    return day;
  });
}

function sumByDay(column: Column, dayOf: readonly number[], days: number): (number | null)[] {
  const sums: (number | null)[] = Array.from({ length: days }, () => null);
  column.forEach((value, i) => {
    const day = dayOf[i];
    if (value === null || day === undefined) return;
    sums[day] = (sums[day] ?? 0) + value;
  });
  return sums;
}

function kwh(wh: number | null): number | null {
  return wh === null ? null : wh / WH_PER_KWH;
}

function money(micro: string | null): number | null {
  return micro === null ? null : Number(micro) / MICRO_PER_UNIT;
}
