import { useMemo, useState } from "react";
import { useFormats } from "../app/format/locale.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Chart } from "../app/parts/Chart.tsx";
import type { Series } from "../app/parts/picture.ts";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { dayStarts, type LocalSpan } from "../billing/span.ts";
import { type Bounds, csvPath, type GridExchange, type GridSeries, useGridSeries } from "./exchange.ts";

/** Rows of the table behind a chart: a day's quarter-hours, and two months of days. */
const TABLE_ROWS = 100;
const TABLE_NAME = "Exchange with the grid";
const SECONDS_PER_HOUR = 3_600;
const PER_KILO = 1_000;
const DECIMALS = 2;

/**
 * Net exchange over time: power of each interval, or energy of each day where the time is long. Over a year the power of
 * every interval is more than a screen has room for: the highest of each hour stand for them.
 */
export function GridChart({
  bounds,
  range,
  exchange,
}: {
  bounds: Bounds;
  range: LocalSpan;
  exchange: GridExchange;
}) {
  const isLong = range.span === "month" || range.span === "year";
  const [isDetailed, setDetailed] = useState(false);
  const isDaily = isLong && !isDetailed;
  const detail = range.span === "year" ? "highest of each hour" : "by interval";
  return (
    <Card
      title={isDaily ? "Energy with the grid, by day" : `Power with the grid, ${detail}`}
      aside={
        isLong ? (
          <label className="row">
            <input type="checkbox" checked={isDetailed} onChange={() => setDetailed(!isDetailed)} />
            power, {detail}
          </label>
        ) : null
      }
    >
      {isDaily ? (
        <DayChart exchange={exchange} range={range} />
      ) : (
        <IntervalChart bounds={bounds} exchange={exchange} />
      )}
      <p>
        <a href={csvPath(bounds)} download>
          Every interval of this time (CSV)
        </a>
      </p>
    </Card>
  );
}

/** Days of which nothing is known are gaps, those to come too. */
function DayChart({ exchange: { days }, range }: { exchange: GridExchange; range: LocalSpan }) {
  const formats = useFormats();
  const times = useMemo(() => dayStarts(range, formats.timeZone), [range, formats.timeZone]);
  const series = useMemo(() => dayBars(days, times), [days, times]);
  if (days.length === 0) return <Empty>No day of this time has a reading yet.</Empty>;
  return (
    <Chart
      title="Energy with the grid"
      tableName={TABLE_NAME}
      unit="kWh"
      times={times}
      series={series}
      timeZone={formats.timeZone}
      formatTime={formats.date}
      formatValue={decimalText}
      tableRows={TABLE_ROWS}
    />
  );
}

function dayBars(days: GridExchange["days"], times: readonly number[]): Series[] {
  const known = new Map(days.filter(({ intervals }) => intervals > 0).map((day) => [day.startsAt, day]));
  const column = (valueIn: (day: GridExchange["days"][number]) => number) =>
    times.map((at) => {
      const day = known.get(at);
      return day === undefined ? null : valueIn(day) / PER_KILO;
    });
  const form = "bars";
  return [
    { label: "Taken", values: column((day) => Number(day.gridImportWh)), color: "grid", form },
    { label: "Given back", values: column((day) => -Number(day.gridExportWh)), color: "sun", form },
  ];
}

function IntervalChart({ bounds, exchange }: { bounds: Bounds; exchange: GridExchange }) {
  const query = useGridSeries(bounds);
  return (
    <Loaded query={query} what="the chart">
      {(body) =>
        body.startsAt.length === 0 ? (
          <Empty>No interval of this time has a reading yet.</Empty>
        ) : (
          <PowerChart body={body} limitW={exchange.limit.basis === "stated" ? exchange.limit.powerW : null} />
        )
      }
    </Loaded>
  );
}

/** A limit is drawn where somebody stated it; the sum of all connections would make the curve flat. */
function PowerChart({ body, limitW }: { body: GridSeries; limitW: number | null }) {
  const formats = useFormats();
  const series = useMemo(() => [...powerLines(body), ...limitLines(body, limitW)], [body, limitW]);
  return (
    <Chart
      title="Power with the grid"
      tableName={TABLE_NAME}
      unit="kW"
      times={body.startsAt}
      series={series}
      timeZone={formats.timeZone}
      formatTime={formats.dateTime}
      formatValue={decimalText}
      tableRows={TABLE_ROWS}
    />
  );
}

/** One curve where each interval is shown; of an hour the most that was taken and the most that was given back. */
function powerLines({ by, intervalSeconds, ...columns }: GridSeries): Series[] {
  const perHour = SECONDS_PER_HOUR / intervalSeconds / PER_KILO;
  const taken = columns.peakImportWh.map((wh) => (wh === null ? null : wh * perHour));
  const given = columns.peakExportWh.map((wh) => (wh === null ? null : -wh * perHour));
  if (by !== "interval")
    return [
      { label: "Highest taken", values: taken, color: "grid", form: "step" },
      { label: "Highest given back", values: given, color: "sun", form: "step" },
    ];
  const net = taken.map((kilowatts, i) => (kilowatts === null ? null : kilowatts + (given[i] ?? 0)));
  return [
    { label: "Taken, below zero given back", values: net, color: "grid", form: "step", isFilled: true },
  ];
}

function limitLines({ startsAt }: GridSeries, limitW: number | null): Series[] {
  if (limitW === null) return [];
  const line = (label: string, watts: number): Series => ({
    label,
    values: startsAt.map(() => watts / PER_KILO),
    color: "act",
    form: "step",
    isDashed: true,
  });
  return [line("Limit, taken", limitW), line("Limit, given back", -limitW)];
}

function decimalText(value: number): string {
  return value.toFixed(DECIMALS);
}
