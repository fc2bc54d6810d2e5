import "./Amount.css";
import { useFormats } from "../format/locale.tsx";

type Whole = string | bigint | number;

/** Characters that a figure at the head of a page has room for; longer ones are written smaller there. */
const LONG_TEXT = 10;

/** Money as a person writes it; the exact micro on pointing. `fine` for the small sums of a single interval. */
export function Money({
  micro,
  shown = micro,
  isSigned = false,
  form = "whole",
}: {
  micro: Whole;
  /** What is written instead, where rounded figures that stand together add up. */
  shown?: Whole;
  isSigned?: boolean;
  form?: "whole" | "fine";
}) {
  const formats = useFormats();
  const sign = isSigned && BigInt(micro) > 0n ? "+" : "";
  const text = `${sign}${form === "fine" ? formats.fineMoney(shown) : formats.money(shown)}`;
  return (
    <data
      value={String(micro)}
      title={`${formats.count(micro)} micro ${formats.currency}`}
      {...(text.length > LONG_TEXT && { className: "long-amount" })}
    >
      {text}
    </data>
  );
}

/** A price per kWh; the exact micro per kWh on pointing. `bare` where the unit stands in the head of a column. */
export function Price({
  micro,
  shown = micro,
  form = "whole",
}: {
  micro: Whole;
  /** What is written instead, where rounded prices that stand together add up. */
  shown?: Whole;
  form?: "whole" | "bare";
}) {
  const formats = useFormats();
  return (
    <data value={String(micro)} title={`${formats.count(micro)} micro ${formats.currency} per kWh`}>
      {formats.barePrice(shown)}
      {form === "whole" ? <span className="unit">/kWh</span> : null}
    </data>
  );
}

/** Energy in kWh; the exact Wh on pointing. `fine` shows each Wh, for a single interval. */
export function Energy({
  wh,
  shown = wh,
  form = "whole",
}: {
  wh: Whole;
  /** As of {@link Money}. */
  shown?: Whole;
  form?: "whole" | "fine";
}) {
  const formats = useFormats();
  return (
    <data value={String(wh)} title={`${formats.count(wh)} Wh`}>
      {form === "fine" ? formats.fineEnergy(shown) : formats.energy(shown)}
    </data>
  );
}
