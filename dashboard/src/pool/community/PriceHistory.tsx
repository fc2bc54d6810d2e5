import { useMemo, useState } from "react";
import { useFormats } from "../../app/format/locale.tsx";
import { Chart } from "../../app/parts/Chart.tsx";
import { RangePicker } from "../../app/parts/RangePicker.tsx";
import { lastOf, RANGES, type Range, secondsOf } from "../../app/parts/ranges.ts";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import type { Community } from "../community.ts";
import { type Periods, usePeriods } from "../periods.ts";
import { priceColumns } from "./priceColumns.ts";

const PRICE_DECIMALS = 3;
const [, FIRST_RANGE] = RANGES;

/** Local prices of as long as the reader chooses, and the next one's forecast, between what the supplier pays and asks. */
export function PriceHistory({ community }: { community: Community }) {
  const [range, setRange] = useState<Range>(FIRST_RANGE);
  const { areaId, now, current } = community;
  const intervalSeconds = current.endsAt - current.startsAt;
  const query = usePeriods({ areaId, range, intervalSeconds, now });
  return (
    <div className="stack">
      <RangePicker of="local price" range={range} onChange={setRange} />
      <Loaded query={query} what="the prices">
        {(periods) =>
          periods.periods.length > 0 ? (
            <Prices periods={periods} community={community} />
          ) : (
            <Empty>
              {community.newest === null
                ? "The first prices come when the first gates have closed."
                : `No gate has closed in the ${lastOf(range)}.`}
            </Empty>
          )
        }
      </Loaded>
    </div>
  );
}

const TITLES = {
  interval: "Local price, with the next one’s forecast, between feed-in and retail price",
  hour: "Local price by the hour, between feed-in and retail price",
  day: "Local price by the day, between feed-in and retail price",
} as const;

function Prices({ periods, community }: { periods: Periods; community: Community }) {
  const formats = useFormats();
  const { times, series } = useMemo(() => priceColumns(periods, community), [periods, community]);
  const { of } = periods;
  return (
    <Chart
      title={TITLES[of]}
      tableName="Local price"
      times={times}
      series={series}
      unit={`${formats.currency} per kWh`}
      timeZone={formats.timeZone}
      stepSeconds={secondsOf(of, community.current.endsAt - community.current.startsAt)}
      formatValue={priceText}
      formatTime={of === "day" ? formats.date : formats.dateTime}
    />
  );
}

function priceText(value: number): string {
  return value.toFixed(PRICE_DECIMALS);
}
