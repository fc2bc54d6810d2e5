import type { z } from "zod";
import type { flowWire } from "#domains/pool/wireCommunity.ts";
import type { Formats } from "../../app/format/formats.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { ChartTable } from "../../app/parts/Chart.tsx";
import { Icon, type IconName } from "../../app/parts/Icon.tsx";
import { type FlowEdge, type FlowNode, flowEdges } from "./flowEdges.ts";
import "./FlowDiagram.css";

type Flow = z.infer<typeof flowWire>;

const PLACES: Record<FlowNode, { x: number; y: number; name: string; icon: IconName }> = {
  sun: { x: 210, y: 62, name: "Sun", icon: "sun" },
  grid: { x: 62, y: 180, name: "Grid", icon: "grid" },
  homes: { x: 358, y: 180, name: "Homes", icon: "community" },
  battery: { x: 210, y: 298, name: "Batteries", icon: "battery" },
};
const RADIUS = 48;
/** Widest line, for the largest flow. */
const MAX_WIDTH = 12;

/** Energy between sun, homes, batteries and grid over the newest interval, as mean power. */
export function FlowDiagram({ flow }: { flow: Flow }) {
  const formats = useFormats();
  const seconds = flow.endsAt - flow.startsAt;
  const edges = flowEdges(readEnergy(flow));
  const largest = Math.max(1, ...edges.map(({ energyWh }) => energyWh));
  const power = (wh: string | number) => formats.power(wh, seconds);
  return (
    <figure className="flow">
      <svg viewBox="0 0 420 360" role="img" aria-label={sentence(flow, formats)}>
        {edges.map((edge) => (
          <Edge key={`${edge.from}-${edge.to}`} edge={edge} width={(MAX_WIDTH * edge.energyWh) / largest} />
        ))}
        <Node node="sun" name="sun" value={power(flow.pvWh)} />
        <Node node="grid" {...gridWords(flow, power)} />
        <Node node="homes" name="homes use" value={power(flow.loadWh)} />
        <Node node="battery" {...batteryWords(flow, power)} />
      </svg>
      <figcaption className="flow-caption">
        <span className="flow-local">{formats.energy(flow.localWh)}</span> was delivered between neighbours in
        this interval. Batteries hold {formats.energy(flow.storedWh)} of {formats.energy(flow.capacityWh)}.
      </figcaption>
      <ChartTable
        title="Energy flows of the newest interval"
        head={["From", "To", "Energy (kWh)", "Mean power (kW)"]}
        rows={edges.map(({ from, to, energyWh }) => [
          PLACES[from].name,
          PLACES[to].name,
          formats.energy(energyWh),
          power(energyWh),
        ])}
      />
    </figure>
  );
}

function Edge({ edge: { from, to }, width }: { edge: FlowEdge; width: number }) {
  const [a, b] = [PLACES[from], PLACES[to]];
  // Lines bend towards the middle, so that crossing ones can be told apart.
  const path = `M${a.x} ${a.y}Q210 180 ${b.x} ${b.y}`;
  const straight = `M${a.x} ${a.y}L${b.x} ${b.y}`;
  const isAcross = (from === "grid" && to === "homes") || (from === "sun" && to === "battery");
  return (
    <path
      className={`flow-edge flow-from-${from}`}
      d={isAcross || (from === "battery" && to === "sun") ? straight : path}
      strokeWidth={Math.max(2, width)}
    />
  );
}

function Node({ node, name, value }: { node: FlowNode; name: string; value: string }) {
  const { x, y, icon } = PLACES[node];
  return (
    <g className={`flow-node flow-node-${node}`} transform={`translate(${x} ${y})`}>
      <circle r={RADIUS} />
      <g transform="translate(-11 -36)">
        <Icon name={icon} size={22} />
      </g>
      <text y="6" className="flow-value">
        {value}
      </text>
      <text y="25" className="flow-name">
        {name}
      </text>
    </g>
  );
}

function readEnergy(flow: Flow) {
  return {
    loadWh: Number(flow.loadWh),
    pvWh: Number(flow.pvWh),
    chargedWh: Number(flow.chargedWh),
    dischargedWh: Number(flow.dischargedWh),
    gridImportWh: Number(flow.gridImportWh),
    gridExportWh: Number(flow.gridExportWh),
  };
}

type Words = { readonly name: string; readonly value: string };

function gridWords({ gridImportWh, gridExportWh }: Flow, power: (wh: string) => string): Words {
  return gridExportWh === "0"
    ? { name: "from the grid", value: power(gridImportWh) }
    : { name: "to the grid", value: power(gridExportWh) };
}

function batteryWords({ chargedWh, dischargedWh }: Flow, power: (wh: number) => string): Words {
  const netWh = Number(chargedWh) - Number(dischargedWh);
  const name = netWh === 0 ? "batteries" : netWh > 0 ? "charging" : "discharging";
  return { name, value: power(Math.abs(netWh)) };
}

function sentence(flow: Flow, formats: Formats): string {
  const power = (wh: string) => formats.power(wh, flow.endsAt - flow.startsAt);
  return `Sun ${power(flow.pvWh)}, homes use ${power(flow.loadWh)}, batteries take ${power(flow.chargedWh)} and give ${power(flow.dischargedWh)}, the grid gives ${power(flow.gridImportWh)} and takes ${power(flow.gridExportWh)}.`;
}
