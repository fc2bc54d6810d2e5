import type { ReactNode } from "react";
import "./Figure.css";

export type Meaning = "sun" | "local" | "grid" | "battery" | "money" | "plain";

/** A figure that answers a question: what it is, its value with unit, and what to compare it with. */
export function Figure({
  label,
  value,
  note,
  meaning = "plain",
}: {
  label: ReactNode;
  value: ReactNode;
  note?: ReactNode;
  meaning?: Meaning;
}) {
  return (
    <div className={`figure means-${meaning}`}>
      <dt className="figure-label">{label}</dt>
      <dd>
        <span className="figure-value">{value}</span>
        {note ? <span className="figure-note">{note}</span> : null}
      </dd>
    </div>
  );
}

/** Figures side by side. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className="figures">{children}</dl>;
}
