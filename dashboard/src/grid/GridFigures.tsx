import type { ReactNode } from "react";
import { useFormats } from "../app/format/locale.tsx";
import { Energy, Money } from "../app/parts/Amount.tsx";
import { Figure, Figures } from "../app/parts/Figure.tsx";
import { IntervalLink } from "../metering/IntervalLink.tsx";
import type { GridExchange } from "./exchange.ts";
import { hoursText } from "./hoursText.ts";

/** Energy both ways with its peaks, and the fees. */
export function GridFigures({ exchange }: { exchange: GridExchange }) {
  const { gridImportWh, gridExportWh, importSeconds, exportSeconds, gridFeeMicro } = exchange;
  return (
    <Figures>
      <Figure
        label="Taken from the grid"
        value={<Energy wh={gridImportWh} />}
        note={`in ${hoursText(importSeconds)}`}
        meaning="grid"
      />
      <PeakFigure label="Highest import" peak={exchange.peakImport} exchange={exchange} />
      <Figure
        label="Given back"
        value={<Energy wh={gridExportWh} />}
        note={exportSeconds > 0 ? `back-feed in ${hoursText(exportSeconds)}` : "no back-feed"}
        meaning="sun"
      />
      <PeakFigure label="Highest back-feed" peak={exchange.peakExport} exchange={exchange} />
      <Figure
        label="Grid fees"
        value={<Money micro={gridFeeMicro} />}
        note="income of the grid operator, of settled intervals"
        meaning="money"
      />
    </Figures>
  );
}

function PeakFigure({
  label,
  peak,
  exchange: { areaId, limit },
}: {
  label: string;
  peak: GridExchange["peakImport"];
  exchange: GridExchange;
}) {
  const formats = useFormats();
  if (peak === null) return <Figure label={label} value="–" note="none in this time" meaning="grid" />;
  const { powerW, intervalId, loading } = peak;
  const load: ReactNode =
    loading === null ? "" : `, ${formats.share(loading)} of ${formats.capacity(limit.powerW)}`;
  return (
    <Figure
      label={label}
      value={
        <data value={String(powerW)} title={`${powerW} W, mean of the interval`}>
          {formats.capacity(powerW)}
        </data>
      }
      note={
        <>
          <IntervalLink areaId={areaId} intervalId={intervalId} />
          {load}
        </>
      }
      meaning="grid"
    />
  );
}
