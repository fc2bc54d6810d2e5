import { useMemo } from "react";
import { useGet } from "../../app/api/useGet.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { Chart } from "../../app/parts/Chart.tsx";
import type { Series } from "../../app/parts/picture.ts";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import type { Intervals } from "../interval.ts";

/** A day of quarter-hours. */
const SHOWN_INTERVALS = 96;
const WH_PER_KWH = 1_000;

/** What the last intervals cleared, and from how many orders. */
export function RecentIntervals() {
  const query = useGet<Intervals>(`/v1/intervals?limit=${SHOWN_INTERVALS}`);
  return (
    <Card title={`The last ${SHOWN_INTERVALS} intervals`}>
      <Loaded query={query} what="the last intervals">
        {({ intervals }) =>
          intervals.length === 0 ? (
            <Empty>No interval is on the chain yet. The first comes when the first gate closes.</Empty>
          ) : (
            <IntervalCharts intervals={intervals} />
          )
        }
      </Loaded>
    </Card>
  );
}

function IntervalCharts({ intervals }: { intervals: Intervals["intervals"] }) {
  const { dateTime, timeZone } = useFormats();
  const { times, energy, counts } = useMemo(() => seriesOf(intervals), [intervals]);
  const shared = { times, timeZone, formatTime: dateTime, height: 240 };
  return (
    <div className="stack">
      <h3>Cleared energy, kWh an interval</h3>
      <Chart
        {...shared}
        title="Cleared energy"
        series={energy}
        unit="kWh an interval"
        formatValue={formatKwh}
      />
      <h3>Orders and trades, number an interval</h3>
      <Chart
        {...shared}
        title="Orders and trades"
        series={counts}
        unit="number an interval"
        isWhole
        formatValue={formatCount}
      />
    </div>
  );
}

/** Intervals of several areas that begin at one time are shown as one. */
function seriesOf(intervals: Intervals["intervals"]) {
  const sums = new Map<number, { clearedWh: number; orders: number; trades: number }>();
  for (const { startsAt, clearedWh, orders, trades } of intervals) {
    const sum = sums.get(startsAt) ?? { clearedWh: 0, orders: 0, trades: 0 };
    sums.set(startsAt, {
      clearedWh: sum.clearedWh + Number(clearedWh),
      orders: sum.orders + orders,
      trades: sum.trades + trades,
    });
  }
  const times = [...sums.keys()].sort((a, b) => a - b);
  const valuesOf = (name: "clearedWh" | "orders" | "trades") =>
    times.map((time) => sums.get(time)?.[name] ?? null);
  const kwh = valuesOf("clearedWh").map((wh) => (wh === null ? null : wh / WH_PER_KWH));
  const energy: Series[] = [{ label: "Cleared energy", values: kwh, color: "local", form: "bars" }];
  const counts: Series[] = [
    { label: "Orders", values: valuesOf("orders"), color: "home", form: "step" },
    { label: "Trades", values: valuesOf("trades"), color: "local", form: "step" },
  ];
  return { times, energy, counts };
}

function formatKwh(kwh: number): string {
  return kwh.toFixed(2);
}

function formatCount(count: number): string {
  return String(count);
}
