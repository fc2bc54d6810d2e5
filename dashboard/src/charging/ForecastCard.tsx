import type { z } from "zod";
import type { loadForecastWire } from "#domains/charging/wire.ts";
import { useGet } from "../app/api/useGet.ts";
import { useFormats } from "../app/format/locale.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Figure, Figures } from "../app/parts/Figure.tsx";
import { Loaded } from "../app/parts/States.tsx";
import { Power } from "./Power.tsx";

type LoadForecast = z.infer<typeof loadForecastWire>;

/** How wrong are forecasts of the conventional load, and what reserve would cover that? */
export function ForecastCard({ areaId }: { areaId: number }) {
  const query = useGet<LoadForecast>(`/v1/areas/${areaId}/load-forecast`);
  return (
    <Card title="Forecast of the conventional load">
      <Loaded query={query} what="the forecast">
        {(forecast) => <Forecast forecast={forecast} />}
      </Loaded>
    </Card>
  );
}

function Forecast({ forecast }: { forecast: LoadForecast }) {
  const formats = useFormats();
  const { saidForecastW, saidReserveW, meterForecastW, error, quantilePermille, suggestedReserveW } =
    forecast;
  return (
    <Figures>
      <Figure
        label="Foretold by the grid operator"
        value={<Power w={saidForecastW} />}
        note={
          meterForecastW === null
            ? "the meter of the conventional load does not know this time of the day yet"
            : `by the meter alone ${formats.capacity(meterForecastW)}`
        }
      />
      <Figure
        label="Mean error"
        value={error === null ? "–" : formats.share(error.meanPercent / 100)}
        note={
          error === null
            ? "not a day of forecasts to compare yet"
            : `of the load, over ${error.count} periods of the last four weeks`
        }
      />
      <Figure
        label="Reserve"
        value={<Power w={saidReserveW} />}
        note={
          suggestedReserveW === null
            ? "set by the grid operator"
            : `set by the grid operator; ${formats.capacity(suggestedReserveW)} would cover ${formats.share(quantilePermille / 1_000)} of the periods`
        }
      />
    </Figures>
  );
}
