import { useId, useMemo } from "react";
import { useNames } from "../accounts/names.ts";
import { useFormats } from "../app/format/locale.tsx";
import { ChartTable } from "../app/parts/Chart.tsx";
import { useWidth } from "../app/parts/useWidth.ts";
import { CurveAxes } from "../pool/interval/CurveAxes.tsx";
import { type CurveScale, createCurveScale } from "../pool/interval/curveScale.ts";
import { type CurveStep, meritCurves } from "../pool/interval/meritCurves.ts";
import "../pool/interval/PriceCurves.css";
import type { WholePeriod } from "./quotas.ts";

const HEIGHT = 280;

type Order = NonNullable<WholePeriod["book"]>["bids"][number];

/** Where wishes for quota met offers: both curves with the clearing point, and a table of the orders. */
export function QuotaCurves({
  orders,
  clearedW,
  priceMicroPerKw,
}: {
  orders: readonly Order[];
  clearedW: number;
  /** Null where nothing was traded. */
  priceMicroPerKw: string | null;
}) {
  const { demand, supply } = useMemo(() => meritCurves(orders.map(curveOrder)), [orders]);
  const steps = useMemo(() => [...demand, ...supply], [demand, supply]);
  const { ref, width } = useWidth<HTMLDivElement>(640);
  const clip = useId();
  const scale = createCurveScale({ steps, width, height: HEIGHT });
  return (
    <figure className="curves">
      <div ref={ref}>
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label="Bids and offers of quota; the table below has every order"
        >
          <CurveAxes scale={scale} unit="kW" />
          <clipPath id={clip}>
            <rect x={scale.left} y={0} width={scale.right - scale.left} height={HEIGHT} />
          </clipPath>
          <g clipPath={`url(#${clip})`}>
            <path className="curve curve-demand" d={curvePath(demand, scale)} />
            <path className="curve curve-supply" d={curvePath(supply, scale)} />
          </g>
          {priceMicroPerKw === null ? null : (
            <g className="curve-point">
              <path
                d={`M${scale.left} ${scale.y(Number(priceMicroPerKw))}H${scale.x(clearedW)}V${scale.bottom}`}
              />
              <circle cx={scale.x(clearedW)} cy={scale.y(Number(priceMicroPerKw))} r="7" />
            </g>
          )}
        </svg>
      </div>
      <ul className="curve-legend">
        <li className="curve-legend-demand">bids, dearest first</li>
        <li className="curve-legend-supply">offers, cheapest first</li>
        {priceMicroPerKw === null ? null : <li className="curve-legend-point">clearing</li>}
      </ul>
      <OrderTable orders={orders} />
    </figure>
  );
}

/** An order of quota as the curves take it: W in the place of Wh, prices per kW in that of prices per kWh. */
function curveOrder({ quotaW, filledW, limitPriceMicroPerKw, ...order }: Order) {
  return {
    ...order,
    sequence: 0,
    energyWh: quotaW,
    fillWh: filledW,
    limitPriceMicroPerKwh: Number(limitPriceMicroPerKw),
  };
}

function OrderTable({ orders }: { orders: readonly Order[] }) {
  const formats = useFormats();
  const nameOf = useNames();
  return (
    <ChartTable
      title="Orders of the auction"
      head={["Order", "Of", "Limit price per kW", "Quota", "Traded"]}
      rows={orders.map(({ side, account, limitPriceMicroPerKw, quotaW, filledW }) => [
        side,
        nameOf(account),
        formats.barePrice(limitPriceMicroPerKw),
        formats.capacity(quotaW),
        formats.capacity(filledW),
      ])}
    />
  );
}

function curvePath(steps: readonly CurveStep[], scale: CurveScale): string {
  return steps
    .map(({ order, fromWh, toWh }, i) => {
      const y = scale.y(order.limitPriceMicroPerKwh);
      return `${i === 0 ? `M${scale.x(fromWh)} ${y}` : `V${y}`}H${scale.x(toWh)}`;
    })
    .join("");
}
