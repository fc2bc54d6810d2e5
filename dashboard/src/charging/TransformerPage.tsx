import { useState } from "react";
import type { z } from "zod";
import type { quotaPeriodsWire } from "#domains/charging/wire.ts";
import { useGet } from "../app/api/useGet.ts";
import { useFormats } from "../app/format/locale.tsx";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { type Column, DataTable } from "../app/parts/DataTable.tsx";
import { Figure, Figures } from "../app/parts/Figure.tsx";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { ForecastCard } from "./ForecastCard.tsx";
import { LoadingChart } from "./LoadingChart.tsx";
import { PeriodLink } from "./PeriodLink.tsx";
import { Power, QuotaPrice } from "./Power.tsx";
import { type QuotaArea, type QuotaPeriod, useQuotaAreas, useQuotaPeriod } from "./quotas.ts";
import { StationTable } from "./StationTable.tsx";
import { QUOTA_STAGE_WORDS } from "./words.ts";

/** A day of half-hours. */
const SHOWN_PERIODS = 48;

/** What has the transformer left, who may draw it, and how near to its rating does it come? */
export function TransformerPage() {
  const areas = useQuotaAreas();
  return (
    <div className="stack">
      <header>
        <h1>Transformer</h1>
        <p className="quiet">
          What the transformer has left beside the conventional load, and which charging station may draw how
          much of it.
        </p>
      </header>
      <Loaded query={areas} what="the transformers">
        {(body) => <Transformers areas={body.areas} />}
      </Loaded>
    </div>
  );
}

function Transformers({ areas }: { areas: readonly QuotaArea[] }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const area = areas.find(({ areaId }) => areaId === chosen) ?? areas[0];
  if (area === undefined) return <Empty>No charging stations share a transformer here.</Empty>;
  return (
    <>
      {areas.length > 1 ? (
        <select
          aria-label="Transformer that is shown"
          value={area.areaId}
          onChange={({ target }) => setChosen(Number(target.value))}
        >
          {areas.map(({ areaId, name }) => (
            <option key={areaId} value={areaId}>
              {name ?? `Area ${areaId}`}
            </option>
          ))}
        </select>
      ) : null}
      <Periods key={area.areaId} area={area} />
    </>
  );
}

function Periods({ area: { areaId, intervalSeconds } }: { area: QuotaArea }) {
  const path = `/v1/areas/${areaId}/quota-periods?limit=${SHOWN_PERIODS}`;
  const query = useGet<z.infer<typeof quotaPeriodsWire>>(path);
  return (
    <Loaded query={query} what="the periods">
      {({ periods }) => {
        const [newest] = periods;
        if (newest === undefined)
          return <Empty>No period yet. The first begins when the grid operator says a margin.</Empty>;
        return (
          <>
            <Newest period={newest} />
            <ForecastCard areaId={areaId} />
            <LoadingChart periods={periods} intervalSeconds={intervalSeconds} />
            <NewestStations areaId={areaId} periods={periods} />
            <Card title="Periods, the newest first">
              <DataTable
                caption="Periods"
                columns={columnsOf(areaId, newest)}
                rows={periods}
                keyOf={({ period }) => period}
              />
              <p>
                <a href={`/v1/areas/${areaId}/quota-periods.csv`} download>
                  Every station of every period (CSV)
                </a>
              </p>
            </Card>
          </>
        );
      }}
    </Loaded>
  );
}

function Newest({ period }: { period: QuotaPeriod }) {
  const formats = useFormats();
  const { marginW, forecastW, reserveW, ratingW, totalDemandW, beta, stations, startsAt, endsAt } = period;
  const peak = peakOf(period);
  return (
    <Figures>
      <Figure
        label={`Margin, ${formats.span(startsAt, endsAt)}`}
        value={<Power w={marginW} />}
        note={
          <>
            of {formats.capacity(ratingW)}, less a forecast of {formats.capacity(forecastW)} and a reserve of{" "}
            {formats.capacity(reserveW)}
          </>
        }
        meaning="grid"
      />
      <Figure
        label="Demanded"
        value={<Power w={totalDemandW} />}
        note={stations === 1 ? "by 1 station" : `by ${stations} stations`}
      />
      <Figure
        label="Granted (β)"
        value={beta === null ? "–" : formats.share(beta)}
        note={beta === null ? "not divided yet" : beta < 1 ? "of each demand" : "all demands fit"}
      />
      <Figure
        label="Highest loading"
        value={peak === null ? "–" : formats.share(peak.loadW / ratingW)}
        note={
          peak === null
            ? "no reading of this period yet"
            : `${formats.capacity(peak.drawnW)} drawn by the stations, beside ${
                peak.isMetered ? "the metered conventional load" : "the forecast"
              }`
        }
        meaning="grid"
      />
    </Figures>
  );
}

/** The interval of the highest load that is known; null where none is. */
function peakOf(period: QuotaPeriod) {
  const known = period.drawnW.flatMap((drawnW, i) => {
    if (drawnW === null) return [];
    const metered = period.conventionalW[i] ?? null;
    return [{ drawnW, isMetered: metered !== null, loadW: drawnW + (metered ?? period.forecastW) }];
  });
  return known.reduce<(typeof known)[number] | null>(
    (highest, each) => (highest === null || each.loadW > highest.loadW ? each : highest),
    null,
  );
}

/** What each station gave up or bought in the newest period that is divided. */
function NewestStations({ areaId, periods }: { areaId: number; periods: readonly QuotaPeriod[] }) {
  const divided = periods.find(({ beta }) => beta !== null);
  return divided ? <DividedStations areaId={areaId} period={divided.period} /> : null;
}

function DividedStations({ areaId, period }: { areaId: number; period: number }) {
  const formats = useFormats();
  const query = useQuotaPeriod(areaId, period);
  return (
    <Loaded query={query} what="the stations">
      {(whole) => (
        <Card title={`What each station gave up or bought, ${formats.span(whole.startsAt, whole.endsAt)}`}>
          <StationTable period={whole} />
        </Card>
      )}
    </Loaded>
  );
}

/** How far a period is, at the time when the newest opened: demands are taken for so long only. */
function stageWords({ stage, windows, stations }: QuotaPeriod, newest: QuotaPeriod): string {
  const isOver = windows.demandEndsAt <= newest.windows.opensAt;
  if (stage !== "collecting" || !isOver) return QUOTA_STAGE_WORDS[stage];
  return stations === 0 ? "nobody demanded" : QUOTA_STAGE_WORDS.undivided;
}

function columnsOf(areaId: number, newest: QuotaPeriod): readonly Column<QuotaPeriod>[] {
  return [
    { head: "Delivery", cell: (period) => <PeriodLink areaId={areaId} period={period} /> },
    { head: "Margin", isNumber: true, cell: ({ marginW }) => <Power w={marginW} /> },
    {
      head: "Demanded",
      isNumber: true,
      isExtra: true,
      cell: ({ totalDemandW }) => <Power w={totalDemandW} />,
    },
    {
      head: "Traded",
      isNumber: true,
      cell: ({ clearedW }) => (clearedW === null ? "–" : <Power w={clearedW} />),
    },
    {
      head: "Price",
      isNumber: true,
      isExtra: true,
      cell: ({ localPriceMicroPerKw, clearedW }) =>
        localPriceMicroPerKw === null || clearedW === 0 ? "–" : <QuotaPrice micro={localPriceMicroPerKw} />,
    },
    {
      head: "Fees",
      isNumber: true,
      isExtra: true,
      cell: ({ feeMicro }) => (feeMicro === null ? "–" : <Money micro={feeMicro} />),
    },
    {
      head: "Penalties",
      isNumber: true,
      isExtra: true,
      cell: ({ penaltyMicro }) => (penaltyMicro === null ? "–" : <Money micro={penaltyMicro} />),
    },
    { head: "State", isExtra: true, cell: (period) => stageWords(period, newest) },
  ];
}
