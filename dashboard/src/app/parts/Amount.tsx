import "./Amount.css";
import { useFormats } from "../format/locale.tsx";

type Whole = string | bigint | number;

/** Money as a person writes it; the exact micro on pointing. `fine` for the small sums of a single interval. */
export function Money({
  micro,
  isSigned = false,
  form = "whole",
}: {
  micro: Whole;
  isSigned?: boolean;
  form?: "whole" | "fine";
}) {
  const formats = useFormats();
  const sign = isSigned && BigInt(micro) > 0n ? "+" : "";
  return (
    <data value={String(micro)} title={`${formats.count(micro)} micro ${formats.currency}`}>
      {sign}
      {form === "fine" ? formats.fineMoney(micro) : formats.money(micro)}
    </data>
  );
}

/** A price per kWh; the exact micro per kWh on pointing. `bare` where the unit stands in the head of a column. */
export function Price({ micro, form = "whole" }: { micro: Whole; form?: "whole" | "bare" }) {
  const formats = useFormats();
  return (
    <data value={String(micro)} title={`${formats.count(micro)} micro ${formats.currency} per kWh`}>
      {formats.barePrice(micro)}
      {form === "whole" ? <span className="unit">/kWh</span> : null}
    </data>
  );
}

/** Energy in kWh; the exact Wh on pointing. `fine` shows each Wh, for a single interval. */
export function Energy({ wh, form = "whole" }: { wh: Whole; form?: "whole" | "fine" }) {
  const formats = useFormats();
  return (
    <data value={String(wh)} title={`${formats.count(wh)} Wh`}>
      {form === "fine" ? formats.fineEnergy(wh) : formats.energy(wh)}
    </data>
  );
}
