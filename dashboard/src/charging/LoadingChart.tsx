import { useMemo } from "react";
import { useFormats } from "../app/format/locale.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Chart } from "../app/parts/Chart.tsx";
import type { Series } from "../app/parts/picture.ts";
import type { QuotaPeriod } from "./quotas.ts";

const PER_KILO = 1_000;
const DECIMALS = 1;

/** The transformer over the periods shown: what it bore, against its rating; gaps where nothing is read. */
export function LoadingChart({
  periods,
  intervalSeconds,
}: {
  periods: readonly QuotaPeriod[];
  intervalSeconds: number;
}) {
  const formats = useFormats();
  const { times, series } = useMemo(() => loadOf(periods, intervalSeconds), [periods, intervalSeconds]);
  return (
    <Card title="Loading against the rating">
      <Chart
        title="Loading of the transformer"
        unit="kW"
        times={times}
        series={series}
        timeZone={formats.timeZone}
        stepSeconds={intervalSeconds}
        formatTime={formats.dateTime}
        formatValue={(value) => value.toFixed(DECIMALS)}
      />
      <p className="quiet small">
        What the stations drew is metered; the conventional load too where the grid operator has a meter for
        it, else it is the forecast.
      </p>
    </Card>
  );
}

function loadOf(periods: readonly QuotaPeriod[], intervalSeconds: number) {
  const points = periods.toReversed().flatMap((period) =>
    period.drawnW.map((drawnW, i) => ({
      ...period,
      at: period.startsAt + i * intervalSeconds,
      drawn: drawnW,
      conventional: period.conventionalW[i] ?? null,
    })),
  );
  const line = (of: (point: (typeof points)[number]) => number | null) =>
    points.map((point) => {
      const w = of(point);
      return w === null ? null : w / PER_KILO;
    });
  const series: Series[] = [
    {
      label: "Conventional load and stations",
      values: line(({ forecastW, conventional, drawn }) =>
        drawn === null ? null : (conventional ?? forecastW) + drawn,
      ),
      color: "grid",
      form: "step",
      isFilled: true,
    },
    { label: "Forecast", values: line(({ forecastW }) => forecastW), color: "local", form: "step" },
    {
      label: "Forecast and quotas",
      values: line(({ forecastW, marginW, totalDemandW, beta }) =>
        beta === null ? null : forecastW + Math.min(marginW, totalDemandW),
      ),
      color: "battery",
      form: "step",
      isThin: true,
    },
    { label: "Rating", values: line(({ ratingW }) => ratingW), color: "act", form: "step", isDashed: true },
  ];
  return { times: points.map(({ at }) => at), series };
}
