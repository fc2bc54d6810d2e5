import { useState } from "react";
import { useQueryTexts } from "../../app/address.ts";
import { useMarketClock } from "../../app/api/marketClock.ts";
import { useGet } from "../../app/api/useGet.ts";
import { Card } from "../../app/parts/Card.tsx";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import { useQuotaAreas } from "../quotas.ts";
import { CarFields, useCar } from "./CarForm.tsx";
import type { ChargingPrices } from "./driver.ts";
import { HoldCard } from "./HoldCard.tsx";
import { TariffCard } from "./TariffCard.tsx";

/** What does it cost to charge here, and how much would be held, before I sign? */
export function PricesPage() {
  const areas = useQuotaAreas();
  const clock = useMarketClock();
  return (
    <div className="stack">
      <header>
        <h1>Charging prices</h1>
        <p className="quiet">What a session costs at each station, and your wallet’s signature for one.</p>
      </header>
      <Loaded query={areas} what="the areas of charging stations">
        {({ areas: known }) => (
          <Loaded query={clock} what="the market’s time">
            {({ now }) =>
              known.length === 0 ? (
                <Empty>No area here has charging stations.</Empty>
              ) : (
                known.map(({ areaId }) => <AreaPrices key={areaId} areaId={areaId} now={now} />)
              )
            }
          </Loaded>
        )}
      </Loaded>
    </div>
  );
}

function AreaPrices({ areaId, now }: { areaId: number; now: number }) {
  const query = useGet<ChargingPrices>(`/v1/areas/${areaId}/charging-prices`);
  // A sign beside a station leads to its prices.
  const { station: asked } = useQueryTexts("station");
  const [chosen, setChosen] = useState<string | undefined>(asked);
  const { car, fields } = useCar(now);
  return (
    <Loaded query={query} what="the prices">
      {({ stations, timeZone }) => {
        const station = stations.find(({ stationId }) => stationId === chosen) ?? stations[0];
        if (station === undefined)
          return <Empty>This server runs no station that charges over the chain in area {areaId}.</Empty>;
        return (
          <>
            <label className="field">
              <span>Station</span>
              <select value={station.stationId} onChange={({ target }) => setChosen(target.value)}>
                {stations.map(({ stationId }) => (
                  <option key={stationId} value={stationId}>
                    {stationId}
                  </option>
                ))}
              </select>
            </label>
            <TariffCard tariff={station.tariff} timeZone={timeZone} now={now} car={car} />
            <Card title="Your car">
              <CarFields {...fields} />
            </Card>
            <HoldCard areaId={areaId} station={station} timeZone={timeZone} now={now} car={car} />
          </>
        );
      }}
    </Loaded>
  );
}
