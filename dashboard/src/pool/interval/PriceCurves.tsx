import { Link } from "@tanstack/react-router";
import { type PointerEvent, useMemo, useState } from "react";
import { useNames } from "../../accounts/names.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Price } from "../../app/parts/Amount.tsx";
import { ChartTable } from "../../app/parts/Chart.tsx";
import { PointHint } from "../../app/parts/PointHint.tsx";
import { useWidth } from "../../app/parts/useWidth.ts";
import { CurveAxes } from "./CurveAxes.tsx";
import { type Clearing, CurveLines } from "./CurveLines.tsx";
import { type CurveScale, createCurveScale } from "./curveScale.ts";
import { type CurveOrder, type CurveStep, meritCurves } from "./meritCurves.ts";
import "./PriceCurves.css";

const HEIGHT = 320;

/** Where demand met supply: both curves with the clearing point, and the order behind each step. */
export function PriceCurves({
  orders,
  clearedWh,
  priceMicroPerKwh,
}: {
  orders: readonly CurveOrder[];
  clearedWh: number;
  /** Null where nothing was traded. */
  priceMicroPerKwh: number | null;
}) {
  const { demand, supply } = useMemo(() => meritCurves(orders), [orders]);
  const steps = useMemo(() => [...demand, ...supply], [demand, supply]);
  const [chosen, setChosen] = useState<number | null>(null);
  const { ref, width } = useWidth<HTMLDivElement>(640);
  const scale = createCurveScale({ steps, width, height: HEIGHT });
  const step = chosen === null ? null : (steps[chosen] ?? null);
  const clearing = priceMicroPerKwh === null ? null : { energyWh: clearedWh, priceMicroPerKwh };
  const move = (by: 1 | -1) => setChosen(((chosen ?? (by > 0 ? -1 : 0)) + by + steps.length) % steps.length);
  return (
    <figure className="curves">
      <div ref={ref}>
        <Curves
          demand={demand}
          supply={supply}
          scale={scale}
          width={width}
          step={step}
          clearing={clearing}
          onPoint={(x, y) => setChosen(nearest(steps, scale, x, y))}
        />
      </div>
      <CurveLegend scale={scale} hasClearing={clearing !== null} />
      <OrderBehind step={step} onMove={move} />
      <OrderTable steps={steps} />
    </figure>
  );
}

/** The picture itself; `onPoint` is told where the reader points, in its pixels. */
function Curves({
  demand,
  supply,
  scale,
  width,
  step,
  clearing,
  onPoint,
}: {
  demand: readonly CurveStep[];
  supply: readonly CurveStep[];
  scale: CurveScale;
  width: number;
  step: CurveStep | null;
  clearing: Clearing | null;
  onPoint: (x: number, y: number) => void;
}) {
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const frame = event.currentTarget.getBoundingClientRect();
    onPoint(event.clientX - frame.left, event.clientY - frame.top);
  };
  return (
    <svg
      width={width}
      height={HEIGHT}
      role="img"
      aria-label="Supply and demand over energy; the table below has every order"
      onPointerMove={point}
      onPointerDown={point}
    >
      <CurveAxes scale={scale} />
      <CurveLines demand={demand} supply={supply} scale={scale} clearing={clearing}>
        {step ? <ChosenStep step={step} scale={scale} /> : null}
      </CurveLines>
    </svg>
  );
}

function CurveLegend({ scale: { beyond }, hasClearing }: { scale: CurveScale; hasClearing: boolean }) {
  const formats = useFormats();
  return (
    <ul className="curve-legend">
      <li className="curve-legend-demand">bids, dearest first</li>
      <li className="curve-legend-supply">offers, cheapest first</li>
      {hasClearing ? <li className="curve-legend-point">clearing</li> : null}
      {beyond ? (
        <li className="curve-legend-note">
          {beyond.side}s go on to {formats.energy(beyond.energyWh)}
        </li>
      ) : null}
    </ul>
  );
}

function ChosenStep({ step, scale }: { step: CurveStep; scale: CurveScale }) {
  const y = scale.y(step.order.limitPriceMicroPerKwh);
  return (
    <path
      className={`curve-chosen curve-chosen-${step.order.side}`}
      d={`M${scale.x(step.fromWh)} ${y}H${scale.x(step.toWh)}`}
    />
  );
}

/** The order that the reader points at, in words; by keyboard one after the other. */
function OrderBehind({ step, onMove }: { step: CurveStep | null; onMove: (by: 1 | -1) => void }) {
  const nameOf = useNames();
  return (
    <div className="curve-order">
      <div aria-live="polite">
        {step ? (
          <>
            <strong>
              {step.order.side === "bid" ? "Bid" : "Offer"} of {nameOf(step.order.account)}
            </strong>
            : <Energy wh={step.order.energyWh} form="fine" /> at{" "}
            {step.order.side === "bid" ? "no more than" : "no less than"}{" "}
            <Price micro={step.order.limitPriceMicroPerKwh} />, <Filled order={step.order} />.{" "}
            <Link to="/orders/$orderId" params={{ orderId: step.order.orderId }}>
              Why?
            </Link>
          </>
        ) : (
          <span className="quiet">
            <PointHint at="a step" rest="to see the order behind it" />
          </span>
        )}
      </div>
      <div className="row">
        <button type="button" className="button" onClick={() => onMove(-1)}>
          Previous order
        </button>
        <button type="button" className="button" onClick={() => onMove(1)}>
          Next order
        </button>
      </div>
    </div>
  );
}

function Filled({ order: { fillWh, energyWh } }: { order: CurveOrder }) {
  if (fillWh === null) return "not cleared yet";
  if (fillWh === 0) return "not filled";
  if (fillWh === energyWh) return "filled whole";
  return (
    <>
      filled by <Energy wh={fillWh} form="fine" />
    </>
  );
}

function OrderTable({ steps }: { steps: readonly CurveStep[] }) {
  const formats = useFormats();
  const nameOf = useNames();
  return (
    <ChartTable
      title="All orders of the book, in merit order"
      head={["Order", "Of", "Limit price", "Energy", "Filled"]}
      rows={steps.map(({ order }) => [
        <Link key={order.orderId} to="/orders/$orderId" params={{ orderId: order.orderId }}>
          {order.side}
        </Link>,
        nameOf(order.account),
        formats.price(order.limitPriceMicroPerKwh),
        formats.fineEnergy(order.energyWh),
        order.fillWh === null ? "–" : formats.fineEnergy(order.fillWh),
      ])}
    />
  );
}

/** Index of the step that is nearest to a place of the picture; null without any. */
function nearest(steps: readonly CurveStep[], scale: CurveScale, x: number, y: number): number | null {
  let best: { index: number; distance: number } | null = null;
  steps.forEach(({ order, fromWh, toWh }, index) => {
    const [from, to] = [scale.x(fromWh), scale.x(toWh)];
    const dx = x < from ? from - x : Math.max(0, x - to);
    const distance = Math.hypot(dx, y - scale.y(order.limitPriceMicroPerKwh));
    if (best === null || distance < best.distance) best = { index, distance };
  });
  return (best as { index: number } | null)?.index ?? null;
}
