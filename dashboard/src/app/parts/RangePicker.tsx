import { RANGES, type Range } from "./ranges.ts";
import "./RangePicker.css";

/** Chooses how far back a chart over time goes. */
export function RangePicker({
  of,
  range,
  ranges = RANGES,
  onChange,
}: {
  /** What the chart shows, for readers who can't see it. */
  of: string;
  range: Range;
  /** What can be chosen; all where it is left out. */
  ranges?: readonly Range[];
  onChange: (range: Range) => void;
}) {
  return (
    <fieldset className="range-picker">
      <legend className="visually-hidden">Time that is shown: {of}</legend>
      {ranges.map((each) => (
        <button
          key={each.name}
          type="button"
          className="button"
          aria-pressed={each.name === range.name}
          onClick={() => onChange(each)}
        >
          {each.name}
        </button>
      ))}
    </fieldset>
  );
}
