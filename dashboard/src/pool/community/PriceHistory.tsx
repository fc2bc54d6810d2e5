import { useMemo, useState } from "react";
import { useFormats } from "../../app/format/locale.tsx";
import { Chart } from "../../app/parts/Chart.tsx";
import type { Series } from "../../app/parts/picture.ts";
import { RangePicker } from "../../app/parts/RangePicker.tsx";
import { RANGES, type Range } from "../../app/parts/ranges.ts";
import { Empty, Failure, Loading } from "../../app/parts/States.tsx";
import type { Community } from "../community.ts";
import type { Interval } from "../interval.ts";
import { withRunning } from "./priceNow.ts";
import { usePastIntervals } from "./usePastIntervals.ts";

const MICRO_PER_UNIT = 1_000_000;
const PRICE_DECIMALS = 3;
const [, FIRST_RANGE] = RANGES;

/** Local prices of as long as the reader chooses, and the next one's forecast, between what the supplier pays and asks. */
export function PriceHistory({ community }: { community: Community }) {
  const [range, setRange] = useState<Range>(FIRST_RANGE);
  const { areaId, now, current } = community;
  const intervalSeconds = current.endsAt - current.startsAt;
  const past = usePastIntervals({ areaId, intervalSeconds, seconds: range.seconds, now });
  return (
    <div className="stack">
      <RangePicker of="local price" range={range} onChange={setRange} />
      {past.error ? <Failure error={past.error} what="the prices" /> : null}
      {past.isWaiting ? <Loading what="the prices" /> : null}
      {past.isWaiting || past.error ? null : <Prices intervals={past.intervals} community={community} />}
    </div>
  );
}

function Prices({ intervals, community }: { intervals: readonly Interval[]; community: Community }) {
  const formats = useFormats();
  const { times, series } = useMemo(() => columnsOf(intervals, community), [intervals, community]);
  if (times.length < 2) return <Empty>The first prices come when the first gates have closed.</Empty>;
  return (
    <Chart
      title="Local price, with the next one’s forecast, between feed-in and retail price"
      times={times}
      series={series}
      unit={`${formats.currency} per kWh`}
      timeZone={formats.timeZone}
      formatValue={priceText}
      formatTime={formats.dateTime}
    />
  );
}

function priceText(value: number): string {
  return value.toFixed(PRICE_DECIMALS);
}

function columnsOf(
  intervals: readonly Interval[],
  community: Community,
): { times: number[]; series: Series[] } {
  const { next, nextForecast } = community;
  const rows = withRunning<Pick<Interval, "intervalId" | "startsAt" | "price">, Community["current"]>(
    intervals,
    community,
    (interval) => interval,
  );
  const rising = rows.reverse().filter(({ startsAt }) => startsAt < next.startsAt);
  const unit = (micro: string | null) => (micro === null ? null : Number(micro) / MICRO_PER_UNIT);
  const expected = unit(next.price.energyMicroPerKwh ?? nextForecast.energyMicroPerKwh);
  const gaps = rising.map(() => null);
  const prices = [...rising.map(({ price }) => price), next.price];
  return {
    times: [...rising.map(({ startsAt }) => startsAt), next.startsAt],
    series: [
      {
        label: "Retail",
        color: "grid",
        isDashed: true,
        values: prices.map((p) => unit(p.retailMicroPerKwh)),
      },
      {
        label: "Feed-in",
        color: "sun",
        isDashed: true,
        values: prices.map((p) => unit(p.feedInMicroPerKwh)),
      },
      {
        label: "Local price",
        color: "local",
        form: "step",
        isFilled: true,
        values: [...rising.map(({ price }) => unit(price.energyMicroPerKwh)), null],
      },
      { label: "Next, expected", color: "local-ink", form: "points", values: [...gaps, expected] },
    ],
  };
}
