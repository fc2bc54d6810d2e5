import { useMemo, useState } from "react";
import type { z } from "zod";
import type { pricesWire } from "#domains/pool/wire.ts";
import { useGet } from "../../app/api/useGet.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { Chart } from "../../app/parts/Chart.tsx";
import type { Series } from "../../app/parts/picture.ts";
import { RangePicker } from "../../app/parts/RangePicker.tsx";
import { lastOf, RANGES, type Range, type Resolution, secondsOf } from "../../app/parts/ranges.ts";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import { type Period, usePeriods } from "../periods.ts";

type Prices = z.infer<typeof pricesWire>;

const WH_PER_KWH = 1_000;
const [, , FIRST_RANGE] = RANGES;

/** What intervals of all areas cleared, and from how many orders, as far back as the reader chooses. */
export function RecentIntervals() {
  const query = useGet<Prices>("/v1/prices");
  const [range, setRange] = useState<Range>(FIRST_RANGE);
  return (
    <Card title="What was cleared">
      <div className="stack">
        <RangePicker of="cleared energy, orders and trades" range={range} onChange={setRange} />
        <Loaded query={query} what="the market’s clock">
          {({ now, areas }) => {
            const lengths = areas.map(({ current }) => current.endsAt - current.startsAt);
            if (lengths.length === 0) return <Empty>No area has a market yet.</Empty>;
            return <Cleared range={range} now={now} intervalSeconds={Math.min(...lengths)} />;
          }}
        </Loaded>
      </div>
    </Card>
  );
}

function Cleared(shown: { range: Range; now: number; intervalSeconds: number }) {
  const query = usePeriods({ ...shown, areaId: null });
  return (
    <Loaded query={query} what="the last intervals">
      {({ periods, of }) =>
        periods.length === 0 ? (
          <Empty>
            No interval was cleared in the {lastOf(shown.range)}. One is when its gate has closed.
          </Empty>
        ) : (
          <ClearedCharts periods={periods} of={of} intervalSeconds={shown.intervalSeconds} />
        )
      }
    </Loaded>
  );
}

const EACH = { interval: "an interval", hour: "an hour", day: "a day" } as const;

function ClearedCharts({
  periods,
  of,
  intervalSeconds,
}: {
  periods: readonly Period[];
  of: Resolution;
  intervalSeconds: number;
}) {
  const { date, dateTime, timeZone } = useFormats();
  const { times, energy, counts } = useMemo(() => seriesOf(periods), [periods]);
  const shared = {
    times,
    timeZone,
    formatTime: of === "day" ? date : dateTime,
    height: 240,
    stepSeconds: secondsOf(of, intervalSeconds),
  };
  return (
    <>
      <h3>Cleared energy</h3>
      <Chart
        {...shared}
        title="Cleared energy"
        series={energy}
        unit={`kWh ${EACH[of]}`}
        formatValue={formatKwh}
      />
      <h3>Orders and trades</h3>
      <Chart
        {...shared}
        title="Orders and trades"
        series={counts}
        unit={`number ${EACH[of]}`}
        isWhole
        formatValue={formatCount}
      />
    </>
  );
}

function seriesOf(periods: readonly Period[]) {
  const kwh = periods.map(({ clearedWh }) => Number(clearedWh) / WH_PER_KWH);
  const orders = periods.map((period) => period.orders);
  const trades = periods.map((period) => period.trades);
  const energy: Series[] = [{ label: "Cleared energy", values: kwh, color: "local", form: "bars" }];
  const counts: Series[] = [
    { label: "Orders", values: orders, color: "home", form: "step" },
    { label: "Trades", values: trades, color: "local", form: "step" },
  ];
  return { times: periods.map(({ from }) => from), energy, counts };
}

function formatKwh(kwh: number): string {
  return kwh.toFixed(2);
}

function formatCount(count: number): string {
  return String(count);
}
