import { useMemo } from "react";
import { useNames } from "../accounts/names.ts";
import { useFormats } from "../app/format/locale.tsx";
import { ChartTable } from "../app/parts/Chart.tsx";
import { useWidth } from "../app/parts/useWidth.ts";
import { CurveAxes } from "../pool/interval/CurveAxes.tsx";
import { CurveLines } from "../pool/interval/CurveLines.tsx";
import { createCurveScale } from "../pool/interval/curveScale.ts";
import { meritCurves } from "../pool/interval/meritCurves.ts";
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
  const scale = createCurveScale({ steps, width, height: HEIGHT });
  const clearing =
    priceMicroPerKw === null ? null : { energyWh: clearedW, priceMicroPerKwh: Number(priceMicroPerKw) };
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
          <CurveLines demand={demand} supply={supply} scale={scale} clearing={clearing} />
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
