import "./PointHint.css";

/** How to ask for a figure: a mouse points, a finger can't. Both are there, and the browser shows the one that fits. */
export function PointHint({ at, rest }: { readonly at: string; readonly rest: string }) {
  return (
    <>
      <span className="hint-pointer">
        Point at {at} {rest}.
      </span>
      <span className="hint-touch">
        Tap {at} {rest}.
      </span>
    </>
  );
}
