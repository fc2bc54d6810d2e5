import { useFormats } from "../../app/format/locale.tsx";
import type { CurveScale } from "./curveScale.ts";

const MICRO_PER_UNIT = 1_000_000;
const WH_PER_KWH = 1_000;
/** Baseline of the unit, above the highest mark. */
const UNIT_LINE = 12;

/** Grid lines with figures: price per kWh upwards, energy to the right. */
export function CurveAxes({ scale }: { scale: CurveScale }) {
  const { currency } = useFormats();
  const { left, right, top, bottom, x, y, energyMarks, priceMarks } = scale;
  return (
    <g className="curve-axes">
      {priceMarks.map((mark) => (
        <g key={mark}>
          <path d={`M${left} ${y(mark)}H${right}`} />
          <text x={left - 8} y={y(mark) + 4} textAnchor="end">
            {(mark / MICRO_PER_UNIT).toFixed(2)}
          </text>
        </g>
      ))}
      {energyMarks.map((mark) => (
        <g key={mark}>
          <path d={`M${x(mark)} ${top}V${bottom}`} />
          <text x={x(mark)} y={bottom + 16} textAnchor="middle">
            {mark / WH_PER_KWH}
          </text>
        </g>
      ))}
      <text x={right} y={bottom + 30} textAnchor="end">
        kWh
      </text>
      <text x={2} y={UNIT_LINE}>
        {currency}/kWh
      </text>
    </g>
  );
}
