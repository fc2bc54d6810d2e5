import { type ReactNode, useId } from "react";
import type { CurveScale } from "./curveScale.ts";
import type { CurveStep } from "./meritCurves.ts";
import "./PriceCurves.css";

/** Where the curves cleared. */
export type Clearing = { readonly energyWh: number; readonly priceMicroPerKwh: number };

/** Both curves within the axes, what stands on them, and the clearing point. */
export function CurveLines({
  demand,
  supply,
  scale,
  clearing,
  children,
}: {
  demand: readonly CurveStep[];
  supply: readonly CurveStep[];
  scale: CurveScale;
  /** Null where nothing was traded. */
  clearing: Clearing | null;
  children?: ReactNode;
}) {
  const clip = useId();
  const { left, right } = scale;
  return (
    <>
      <clipPath id={clip}>
        <rect x={left} y={0} width={right - left} height={scale.height} />
      </clipPath>
      <g clipPath={`url(#${clip})`}>
        <path className="curve curve-demand" d={curvePath(demand, scale)} />
        <path className="curve curve-supply" d={curvePath(supply, scale)} />
        {children}
      </g>
      {clearing ? <ClearingPoint clearing={clearing} scale={scale} /> : null}
    </>
  );
}

function ClearingPoint({ clearing, scale }: { clearing: Clearing; scale: CurveScale }) {
  const [x, y] = [scale.x(clearing.energyWh), scale.y(clearing.priceMicroPerKwh)];
  return (
    <g className="curve-point">
      <path d={`M${scale.left} ${y}H${x}V${scale.bottom}`} />
      <circle cx={x} cy={y} r="7" />
    </g>
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
