import { useFormats } from "../../app/format/locale.tsx";
import { tickText } from "../../app/parts/ticks.ts";
import type { CurveScale } from "./curveScale.ts";

const MICRO_PER_UNIT = 1_000_000;
const WH_PER_KWH = 1_000;
/** Baseline of the unit, above the highest mark. */
const UNIT_LINE = 12;

/** Grid lines with figures: price per unit upwards, what is traded to the right. */
export function CurveAxes({ scale, unit = "kWh" }: { scale: CurveScale; unit?: "kWh" | "kW" }) {
  const { currency } = useFormats();
  const { left, right, top, bottom, x, y, energyMarks, priceMarks } = scale;
  return (
    <g className="curve-axes">
      {priceMarks.values.map((mark) => (
        <g key={mark}>
          <path d={`M${left} ${y(mark * MICRO_PER_UNIT)}H${right}`} />
          <text x={left - 8} y={y(mark * MICRO_PER_UNIT) + 4} textAnchor="end">
            {tickText(mark, priceMarks.decimals)}
          </text>
        </g>
      ))}
      {energyMarks.values.map((mark) => (
        <g key={mark}>
          <path d={`M${x(mark * WH_PER_KWH)} ${top}V${bottom}`} />
          <text x={x(mark * WH_PER_KWH)} y={bottom + 16} textAnchor={edgeAnchor(x(mark * WH_PER_KWH), right)}>
            {tickText(mark, energyMarks.decimals)}
          </text>
        </g>
      ))}
      <text x={right} y={bottom + 30} textAnchor="end">
        {unit}
      </text>
      <text x={2} y={UNIT_LINE}>
        {currency}/{unit}
      </text>
    </g>
  );
}

/** Pixels from the right edge within which a label in the middle of its mark would be cut. */
const EDGE = 12;

function edgeAnchor(at: number, right: number): "middle" | "end" {
  return right - at < EDGE ? "end" : "middle";
}
