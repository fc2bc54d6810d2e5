import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useQueryTexts } from "../app/address.ts";
import { useMarketClock } from "../app/api/marketClock.ts";
import { useFormats } from "../app/format/locale.tsx";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { SpanPicker } from "../billing/SpanPicker.tsx";
import { dateAt, isSpan, type LocalSpan, readDate, spanAround, startOfDate } from "../billing/span.ts";
import { type Area, useAreas } from "../metering/areas.ts";
import "../billing/myEnergy.css";
import { type Bounds, useExchange } from "./exchange.ts";
import { Fees } from "./Fees.tsx";
import { GridChart } from "./GridChart.tsx";
import { GridFigures } from "./GridFigures.tsx";
import { LimitForm } from "./LimitForm.tsx";
import { Missing } from "./Missing.tsx";

/** What does the area take from the grid and give back, and what needs the grid operator? */
export function GridPage() {
  const areas = useAreas();
  const clock = useMarketClock();
  return (
    <div className="stack">
      <header>
        <h1>Grid</h1>
        <p className="quiet">
          What all meters of the area together took from the grid and gave back; energy between neighbours is
          in neither.
        </p>
      </header>
      <Loaded query={areas} what="the areas">
        {(body) => (
          <Loaded query={clock} what="the market's clock">
            {({ now }) => <GridOfArea areas={body.areas} now={now} />}
          </Loaded>
        )}
      </Loaded>
    </div>
  );
}

function GridOfArea({ areas, now }: { areas: readonly Area[]; now: number }) {
  const { timeZone } = useFormats();
  const search = useQueryTexts("span", "at", "area");
  const [chosen, setChosen] = useState(Number(search.area));
  const area = areas.find(({ areaId }) => areaId === chosen) ?? areas[0];
  if (area === undefined) return <Empty>No area is opened yet.</Empty>;
  const today = dateAt(now, timeZone);
  const date = readDate(search.at) ?? today;
  const range = spanAround(isSpan(search.span) ? search.span : "day", date);
  const bounds = {
    areaId: area.areaId,
    from: startOfDate(range.firstDate, timeZone),
    to: startOfDate(range.endDate, timeZone),
  };
  return (
    <>
      <AreaChoice areas={areas} chosen={area.areaId} onChoose={setChosen} />
      <SpanPicker range={range} today={today} to="/grid" />
      <Exchange key={`${bounds.areaId} ${bounds.from} ${bounds.to}`} bounds={bounds} range={range} />
    </>
  );
}

function AreaChoice({
  areas,
  chosen,
  onChoose,
}: {
  areas: readonly Area[];
  chosen: number;
  onChoose: (areaId: number) => void;
}) {
  const navigate = useNavigate();
  if (areas.length < 2) return null;
  const choose = (areaId: number) => {
    onChoose(areaId);
    void navigate({ to: "/grid", search: { area: areaId } });
  };
  return (
    <select
      aria-label="Area that is shown"
      value={chosen}
      onChange={({ target }) => choose(Number(target.value))}
    >
      {areas.map(({ areaId, name }) => (
        <option key={areaId} value={areaId}>
          {name ?? `Area ${areaId}`}
        </option>
      ))}
    </select>
  );
}

function Exchange({ bounds, range }: { bounds: Bounds; range: LocalSpan }) {
  const [limitW, setLimitW] = useState<bigint | null>(null);
  const query = useExchange(bounds, limitW);
  return (
    <Loaded query={query} what="the exchange with the grid">
      {(exchange) => (
        <>
          {exchange.intervals > 0 ? (
            <GridFigures exchange={exchange} />
          ) : (
            <Empty>No reading of this time yet. The first comes when an interval is over.</Empty>
          )}
          <div className="columns columns-left columns-top">
            <GridChart bounds={bounds} range={range} exchange={exchange} />
            <div className="stack">
              <LimitForm exchange={exchange} onLimit={setLimitW} />
              <Fees exchange={exchange} />
              <Missing exchange={exchange} />
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}
