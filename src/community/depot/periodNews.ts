import type { DemandingStation } from "#domains/charging/quotaStations.ts";
import type { QuotaPeriod } from "#domains/charging/quotaView.ts";

const W_PER_KW = 1_000;
const WH_PER_KWH = 1_000;

/** What a period came to, in a sentence; `drawnWh` is what the stations' meters registered, null where it is not known. */
export function describePeriod({
  period: { stage, marginW, totalDemandW },
  stations,
  drawnWh,
}: {
  readonly period: QuotaPeriod;
  readonly stations: readonly Pick<DemandingStation, "boughtW">[];
  readonly drawnWh: number | null;
}): string {
  if (stage === "none") return "no quotas: nobody said the margin in time";
  if (stations.length === 0) return `no station demanded of ${kW(marginW)} kW`;
  const asked = `${stations.length} stations demanded ${kW(totalDemandW)} of ${kW(marginW)} kW`;
  if (stage === "open") return `${asked}: not divided in time, the deposits came back`;
  const boughtW = stations.reduce((sum, station) => sum + station.boughtW, 0);
  const divided = stage === "fits" ? "all fit" : `rationed, ${kW(boughtW)} kW traded`;
  const drawn = drawnWh === null ? "" : `, ${(drawnWh / WH_PER_KWH).toFixed(2)} kWh drawn`;
  return `${asked}: ${divided}${drawn}`;
}

function kW(powerW: number): string {
  return (powerW / W_PER_KW).toFixed(1);
}
