import { useMemo, useState } from "react";
import { useFormats } from "../app/format/locale.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Chart } from "../app/parts/Chart.tsx";
import type { Series } from "../app/parts/picture.ts";
import { Empty, Loaded } from "../app/parts/States.tsx";
import type { LocalSpan } from "../billing/span.ts";
import { type Bounds, csvPath, type GridExchange, type GridSeries, useGridSeries } from "./exchange.ts";

/** Rows of the table behind a chart: a day's quarter-hours, and two months of days. */
const TABLE_ROWS = 100;
const SECONDS_PER_HOUR = 3_600;
const PER_KILO = 1_000;
const DECIMALS = 2;

/** Net exchange over time: power of each interval, or energy of each day where the time is long. */
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
  return (
    <Card
      title={isDaily ? "Energy with the grid, by day" : "Power with the grid, by interval"}
      aside={
        isLong ? (
          <label className="row">
            <input type="checkbox" checked={isDetailed} onChange={() => setDetailed(!isDetailed)} />
            every interval
          </label>
        ) : null
      }
    >
      {isDaily ? <DayChart exchange={exchange} /> : <IntervalChart bounds={bounds} exchange={exchange} />}
      <p>
        <a href={csvPath(bounds)} download>
          Every interval of this time (CSV)
        </a>
      </p>
    </Card>
  );
}

function DayChart({ exchange: { days } }: { exchange: GridExchange }) {
  const formats = useFormats();
  const times = useMemo(() => days.map(({ startsAt }) => startsAt), [days]);
  const series = useMemo<Series[]>(
    () => [
      {
        label: "Taken",
        values: days.map((day) => Number(day.gridImportWh) / PER_KILO),
        color: "grid",
        form: "bars",
      },
      {
        label: "Given back",
        values: days.map((day) => -Number(day.gridExportWh) / PER_KILO),
        color: "sun",
        form: "bars",
      },
    ],
    [days],
  );
  if (times.length === 0) return <Empty>No day of this time has a reading yet.</Empty>;
  return (
    <Chart
      title="Energy with the grid"
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
  const series = useMemo<Series[]>(() => {
    const perHour = SECONDS_PER_HOUR / body.intervalSeconds / PER_KILO;
    const flat = (kilowatts: number) => body.netWh.map(() => kilowatts);
    const limit = limitW === null ? [] : [limitW / PER_KILO, -limitW / PER_KILO];
    return [
      {
        label: "Taken, below zero given back",
        values: body.netWh.map((wh) => wh * perHour),
        color: "grid",
        form: "step",
        isFilled: true,
      },
      ...limit.map(
        (value, i): Series => ({
          label: i === 0 ? "Limit" : "Limit back",
          values: flat(value),
          color: "act",
          form: "line",
          isDashed: true,
        }),
      ),
    ];
  }, [body, limitW]);
  return (
    <Chart
      title="Power with the grid"
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

function decimalText(value: number): string {
  return value.toFixed(DECIMALS);
}
