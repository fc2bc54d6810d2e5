import { Link } from "@tanstack/react-router";
import type { z } from "zod";
import type { supplyWire } from "#domains/pool/wireCommunity.ts";
import { useNames } from "../../accounts/names.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { ChartTable } from "../../app/parts/Chart.tsx";
import { layOutSupply, type SupplyBar, type SupplyRibbon } from "./supplyLayout.ts";
import "./SupplyDiagram.css";

const WIDTH = 100;

/** Who sold to whom in the newest interval with trades: sellers at the left, buyers at the right. */
export function SupplyDiagram({ pairs }: { pairs: readonly z.infer<typeof supplyWire>[] }) {
  const nameOf = useNames();
  const formats = useFormats();
  const given = pairs.map((pair) => ({ ...pair, energyWh: Number(pair.energyWh) }));
  const { height, sellers, buyers, ribbons } = layOutSupply(given);
  return (
    <figure className="supply">
      <div className="supply-heads" aria-hidden="true">
        <span>sells</span>
        <span>buys</span>
      </div>
      <div className="supply-picture" style={{ height }}>
        <Bars bars={sellers} side="seller" />
        <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          {ribbons.map((ribbon) => (
            <path
              key={`${ribbon.pair.seller}-${ribbon.pair.buyer}`}
              className="supply-ribbon"
              d={ribbonPath(ribbon)}
            >
              <title>
                {nameOf(ribbon.pair.seller)} → {nameOf(ribbon.pair.buyer)}:{" "}
                {formats.energy(ribbon.pair.energyWh)}
              </title>
            </path>
          ))}
        </svg>
        <Bars bars={buyers} side="buyer" />
      </div>
      <ChartTable
        title="Who supplied whom"
        head={["Seller", "Buyer", "Contracted (kWh)"]}
        rows={given.map(({ seller, buyer, energyWh }) => [
          nameOf(seller),
          nameOf(buyer),
          formats.energy(energyWh),
        ])}
      />
    </figure>
  );
}

function Bars({ bars, side }: { bars: readonly SupplyBar[]; side: "seller" | "buyer" }) {
  const nameOf = useNames();
  const formats = useFormats();
  return (
    <ul className={`supply-bars supply-${side}`} aria-label={side === "seller" ? "Sellers" : "Buyers"}>
      {bars.map(({ account, energyWh, y, height }) => (
        <li key={account} style={{ top: y, height }}>
          <Link to="/participants/$account" params={{ account: String(account) }} className="supply-name">
            {nameOf(account)}
          </Link>
          <span className="supply-energy">{formats.energy(energyWh)}</span>
        </li>
      ))}
    </ul>
  );
}

function ribbonPath({ fromY, toY, fromHeight, toHeight }: SupplyRibbon): string {
  const middle = WIDTH / 2;
  return [
    `M0 ${fromY}C${middle} ${fromY} ${middle} ${toY} ${WIDTH} ${toY}`,
    `L${WIDTH} ${toY + toHeight}`,
    `C${middle} ${toY + toHeight} ${middle} ${fromY + fromHeight} 0 ${fromY + fromHeight}Z`,
  ].join("");
}
